//! The only place that asks for the time.
use crate::core::Now;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// This moment.
pub(crate) fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now {
        instant: Instant::now(),
        unix_ms: i64::try_from(unix.as_millis()).unwrap_or(i64::MAX),
    }
}
