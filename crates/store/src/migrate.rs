//! The versions of the file. A migration that was ever released is never changed; a new one is added at the end.
use rusqlite::Connection;

/// From version `n` to `n + 1`.
const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/001_history_accounts_settings.sql"),
    include_str!("../migrations/002_screen_pops.sql"),
    include_str!("../migrations/003_secure_transports.sql"),
    include_str!("../migrations/004_watches_and_messages.sql"),
    include_str!("../migrations/005_call_options.sql"),
    include_str!("../migrations/006_quality.sql"),
    include_str!("../migrations/007_recordings.sql"),
];

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// New, ours, or older than us: it can be brought up to date.
    Ours,
    /// A newer Parley wrote it.
    Newer,
    /// A database of another program.
    Foreign,
}

/// Looks, and changes nothing.
pub(crate) fn look(db: &Connection) -> rusqlite::Result<Found> {
    let version = version(db)?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(match version {
        0 if tables > 0 => Found::Foreign,
        version if usize::try_from(version).is_ok_and(|version| version <= MIGRATIONS.len()) => Found::Ours,
        _ => Found::Newer,
    })
}

/// Brings the file up to date, each version in a transaction of its own.
pub(crate) fn run(db: &mut Connection) -> rusqlite::Result<()> {
    let from = usize::try_from(version(db)?).unwrap_or(MIGRATIONS.len());
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(from) {
        let change = db.transaction()?;
        change.execute_batch(migration)?;
        change.pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))?;
        change.commit()?;
        log::info!("data file is now at version {}", index + 1);
    }
    Ok(())
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}
