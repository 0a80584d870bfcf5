//! Opening files: new, old, newer, damaged, foreign, in use.
#![allow(clippy::unwrap_used, clippy::expect_used)]
mod common;
use common::{call, end, text};
use parley_store::{NewPop, OpenError, Outcome, PopOutcome, PopTrigger, Store};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

struct Folder {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

fn folder() -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep").join("parley.db");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    Folder { _folder: folder, file }
}

#[test]
fn what_was_going_on_is_interrupted_at_the_last_known_instant() {
    let Folder { file, _folder } = folder();
    let mut store = Store::open(&file).unwrap();
    let talking = store.begin(&call("Anna", "030", 1000)).unwrap();
    store.answered(talking, 3000).unwrap();
    store.touch(talking, 63_500).unwrap();
    let ringing = store.begin(&call("Bert", "040", 5000)).unwrap();
    let answered = store.begin(&call("Carl", "050", 5000)).unwrap();
    store.answered(answered, 8000).unwrap();
    let over = store.begin(&call("Dora", "060", 5000)).unwrap();
    store.ended(over, &end(Outcome::Missed, 7000)).unwrap();
    let pop = NewPop {
        entry: over,
        caller: String::new(),
        at: 1,
        trigger: PopTrigger::Manual,
        target: "x".into(),
    };
    let pop = store.log_pop(&pop).unwrap();
    drop(store);

    let store = Store::open(&file).unwrap();
    for (id, outcome, ended, talk) in [
        (talking, Outcome::Interrupted, 63_500, 60),
        (ringing, Outcome::Interrupted, 5000, 0),
        (answered, Outcome::Interrupted, 8000, 0),
        (over, Outcome::Missed, 7000, 0),
    ] {
        let entry = store.entry(id).unwrap();
        assert_eq!(
            (entry.outcome, entry.ended_at, entry.talk_seconds),
            (outcome, Some(ended), talk),
            "{}",
            entry.name
        );
    }
    assert!(store.entry(talking).unwrap().reason.contains("stopped"));
    assert!(matches!(store.pop(pop).unwrap().outcome, PopOutcome::Failed { .. }));
}

#[test]
fn a_file_of_version_1_is_brought_up_to_date_with_everything_in_it() {
    let Folder { file, _folder } = folder();
    let old = Connection::open(&file).unwrap();
    old.execute_batch(include_str!("../migrations/001_history_accounts_settings.sql"))
        .unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO account VALUES (7, 1, 'Sales', 'SA', 3, 'Anna', '204', 'pbx.example', NULL, NULL, 'tcp', 1);
         INSERT INTO history VALUES (41, 7, 'Sales', 'incoming', 'missed', 'Jörg Müller', '+4930123',
                                     'sip:+4930123@pbx.example', '204', '200', 1000, NULL, 5000, 5000, '', 1);
         INSERT INTO history_search VALUES (41, 'jorg muller', '4930123');
         INSERT INTO history VALUES (42, 7, 'Sales', 'outgoing', 'in_progress', '', '110', 'sip:110@pbx.example', '', '',
                                     6000, 7000, NULL, 9000, '', 0);
         INSERT INTO history_search VALUES (42, '110', '110');
         INSERT INTO setting VALUES ('theme', 'dark');
         INSERT INTO custom_parameter VALUES ('id', '1234');",
    )
    .unwrap();
    drop(old);

    let mut store = Store::open(&file).unwrap();
    let account = &store.accounts().unwrap()[0];
    assert_eq!(
        (account.id.0, account.tag.as_str(), account.colour, account.chosen),
        (7, "SA", 3, true)
    );
    let page = store.search(&text("müller 030123")).unwrap();
    assert_eq!((page.entries.len(), page.entries[0].id.0), (1, 41));
    assert_eq!((page.entries[0].ring_seconds, page.entries[0].pop.as_str()), (4, ""));
    assert_eq!(store.unseen_missed(), Ok(1));
    let running = store.search(&text("110")).unwrap().entries.remove(0);
    assert_eq!(
        (running.outcome, running.ended_at, running.talk_seconds),
        (Outcome::Interrupted, Some(9000), 2)
    );
    assert_eq!(store.settings().unwrap().custom_parameters["id"], "1234");
    let new = store.begin(&call("Anna", "030", 0)).unwrap();
    assert_eq!(new.0, 43);
    let new = folder();
    drop(Store::open(&new.file).unwrap());
    assert_eq!(version(&file), version(&new.file));
}

fn version(file: &Path) -> i64 {
    let file = Connection::open(file).unwrap();
    file.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let Folder { file, _folder } = folder();
    drop(Store::open(&file).unwrap());
    Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99; CREATE TABLE future (x)")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = Store::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { .. }), "{refused:?}");
    assert!(refused.to_string().contains("newer version"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let Folder { file, _folder } = folder();
    std::fs::write(&file, "this is no database, but somebody may need it".repeat(100)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = Store::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused:?}");
    assert!(refused.to_string().contains("backup"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_file_with_damage_in_the_middle_is_refused_and_left_as_it_is() {
    let Folder { file, _folder } = folder();
    let mut store = Store::open(&file).unwrap();
    for n in 0..200 {
        store.begin(&call("Anna", &n.to_string(), 0)).unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xAA);
    std::fs::write(&file, &bytes).unwrap();
    let refused = Store::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused:?}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn the_data_of_another_program_is_not_touched() {
    let Folder { file, _folder } = folder();
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url TEXT)")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(Store::open(&file), Err(OpenError::Foreign { .. })));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn only_one_store_has_a_file_open() {
    let Folder { file, _folder } = folder();
    let store = Store::open(&file).unwrap();
    assert!(matches!(Store::open(&file), Err(OpenError::InUse { .. })));
    drop(store);
    assert!(Store::open(&file).is_ok());
}

#[test]
fn a_folder_that_cannot_be_made_is_said_so() {
    let Folder { file, _folder } = folder();
    std::fs::write(&file, "").unwrap();
    let refused = Store::open(&file.join("parley.db")).unwrap_err();
    assert!(matches!(refused, OpenError::Io { .. }), "{refused:?}");
    drop(Store::open(&file).expect("an empty file is a new one"));
}

#[test]
fn no_table_has_a_place_for_a_password() {
    let Folder { file, _folder } = folder();
    drop(Store::open(&file).unwrap());
    let db = Connection::open(&file).unwrap();
    let mut find = db
        .prepare("SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c")
        .unwrap();
    let columns: Vec<String> = find
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(columns.contains(&"account.user".to_owned()));
    for column in columns {
        let name = column.to_lowercase();
        assert!(
            !["pass", "secret", "pwd", "credential", "ha1"]
                .iter()
                .any(|word| name.contains(word)),
            "{column}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_files_also_when_they_were_readable_by_all() {
    use std::os::unix::fs::PermissionsExt;
    let Folder { file, _folder } = folder();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let fresh = file.parent().unwrap().join("new").join("parley.db");
    let mut store = Store::open(&fresh).unwrap();
    store.begin(&call("Anna", "030", 0)).unwrap();
    assert_eq!(mode(fresh.parent().unwrap()), 0o700);
    for name in ["parley.db", "parley.db-wal", "parley.db-shm", "parley.db.lock"] {
        assert_eq!(mode(&fresh.with_file_name(name)), 0o600, "{name}");
    }
    drop(store);
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&fresh).unwrap());
    assert_eq!(mode(&fresh), 0o600);
}
