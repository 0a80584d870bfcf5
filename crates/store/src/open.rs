//! Opening the file.
use crate::migrate::{self, Found};
use crate::{OpenError, Outcome};
use rusqlite::{Connection, ErrorCode};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The open file.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Connection,
    /// Held as long as the store is open; the system lets go of it when the process ends in whatever way.
    _lock: Option<File>,
}

impl Store {
    /// Opens the file, making it and its folder when they are not there. Entries left in progress become
    /// `Interrupted`, and pops left opening become failed.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |error: std::io::Error| OpenError::Io {
            path: path.to_owned(),
            detail: error.to_string(),
        };
        let sql = |error: rusqlite::Error| classify(path, &error);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private::make_folder(folder).map_err(io)?;
        }
        let lock = lock(path)?;
        drop(private::open_or_make(path).map_err(io)?);
        let mut db = Connection::open(path).map_err(sql)?;
        match migrate::look(&db).map_err(sql)? {
            Found::Ours => {}
            Found::Newer => return Err(OpenError::Newer { path: path.to_owned() }),
            Found::Foreign => return Err(OpenError::Foreign { path: path.to_owned() }),
        }
        check(&db, path)?;
        private::restrict(path).map_err(io)?;
        // Readable files of SQLite get the mode of the database when they are made, so WAL is switched on after.
        db.pragma_update(None, "journal_mode", "WAL").map_err(sql)?;
        prepare(&mut db).map_err(sql)?;
        Ok(Self { db, _lock: Some(lock) })
    }

    /// A store that is forgotten when it is dropped.
    pub fn open_in_memory() -> Result<Self, OpenError> {
        let sql = |error: rusqlite::Error| classify(Path::new(":memory:"), &error);
        let mut db = Connection::open_in_memory().map_err(sql)?;
        prepare(&mut db).map_err(sql)?;
        Ok(Self { db, _lock: None })
    }
}

/// Two processes with one file would take each other's running calls for interrupted ones.
fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let io = |error: std::io::Error| OpenError::Io {
        path: path.to_owned(),
        detail: error.to_string(),
    };
    let file = private::open_or_make(&PathBuf::from(name)).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

/// SQLite finds damage when it comes across it, which may be months later; this finds it before anything is written.
fn check(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let found: String = db
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| classify(path, &error))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(OpenError::Corrupt {
            path: path.to_owned(),
            detail: found,
        })
    }
}

fn prepare(db: &mut Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    migrate::run(db)?;
    sweep(db)
}

/// What was going on when Parley stopped is over. Its end is the last instant it was known to go on.
fn sweep(db: &mut Connection) -> rusqlite::Result<()> {
    let change = db.transaction()?;
    let calls = change.execute(
        "UPDATE history SET outcome = ?1, ended_at = max(started_at, last_known_at, coalesce(answered_at, 0)),
                            reason = 'Parley was stopped during the call.'
         WHERE outcome = ?2",
        [Outcome::Interrupted, Outcome::InProgress],
    )?;
    change.execute(
        "UPDATE pop_log SET outcome = 'failed', text = 'Parley was stopped before it opened. Open it again.'
         WHERE outcome = 'opening'",
        [],
    )?;
    change.commit()?;
    if calls > 0 {
        log::warn!("{calls} calls were interrupted when Parley last stopped");
    }
    Ok(())
}

fn classify(path: &Path, error: &rusqlite::Error) -> OpenError {
    let (path, detail) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse { path },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, detail },
        _ => OpenError::Io { path, detail },
    }
}

/// Files and folders that only their owner reads.
mod private {
    use super::{File, OpenOptions, Path};
    use std::io::Result;

    #[cfg(unix)]
    pub(super) fn make_folder(path: &Path) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    #[cfg(not(unix))]
    pub(super) fn make_folder(path: &Path) -> Result<()> {
        std::fs::create_dir_all(path)
    }

    pub(super) fn open_or_make(path: &Path) -> Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }

    /// A file that was copied here may be readable by all.
    #[cfg(unix)]
    pub(super) fn restrict(path: &Path) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
    }

    #[cfg(not(unix))]
    pub(super) fn restrict(_: &Path) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_on_the_disk_and_references_hold() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("parley.db")).unwrap();
        let pragma = |name: &str| -> String {
            store
                .db
                .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| {
                    row.get(0)
                })
                .unwrap()
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2", "FULL");
        assert_eq!(pragma("foreign_keys"), "1");
    }
}
