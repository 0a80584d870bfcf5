//! What can go wrong, and what to do about it.
use std::fmt;
use std::path::PathBuf;

/// Why the file cannot be opened. Nothing was changed or deleted.
#[derive(Debug)]
pub enum OpenError {
    /// The file is no database, or is damaged.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// A newer Parley wrote it.
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// It is a database of another program.
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process has it open.
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be made, read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { path, detail } => write!(
                f,
                "Parley's data in “{}” is damaged ({detail}). It was left as it is. Restore it from a backup, or \
                 rename it to start afresh.",
                path.display()
            ),
            Self::Newer { path } => write!(
                f,
                "Parley's data in “{}” was written by a newer version. It was left as it is. Start that version, or \
                 rename the file to start afresh.",
                path.display()
            ),
            Self::Foreign { path } => write!(
                f,
                "“{}” holds the data of another program. It was left as it is. Choose another data folder.",
                path.display()
            ),
            Self::InUse { path } => write!(
                f,
                "Another Parley is using the data in “{}”. Close it first, or choose another data folder.",
                path.display()
            ),
            Self::Io { path, detail } => write!(
                f,
                "Parley's data in “{}” cannot be opened: {detail}. Check the permissions and the free space of that \
                 folder.",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why something could not be read or saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// There is no such account, entry or pop.
    NotFound,
    /// Another program has locked the file for too long.
    Busy,
    /// The disk is full, read-only or failing; SQLite's words.
    Disk(String),
    /// The file is damaged; SQLite's words.
    Corrupt(String),
    /// Anything else SQLite says: a fault of Parley.
    Other(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("This is not there any more."),
            Self::Busy => f.write_str("Another program is using Parley's data. Close it and try again."),
            Self::Disk(detail) => {
                write!(
                    f,
                    "Parley's data cannot be written ({detail}). Make room on the disk and check its permissions."
                )
            }
            Self::Corrupt(detail) => {
                write!(
                    f,
                    "Parley's data is damaged ({detail}). Close Parley and restore the file from a backup."
                )
            }
            Self::Other(detail) => write!(f, "Parley's data could not be used ({detail})."),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let detail = error.to_string();
        match error.sqlite_error_code() {
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => Self::NotFound,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied,
            ) => Self::Disk(detail),
            // The only constraints are references to what has been deleted meanwhile.
            Some(ErrorCode::ConstraintViolation) => Self::NotFound,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(detail),
            _ => Self::Other(detail),
        }
    }
}
