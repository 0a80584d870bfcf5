//! Random beginnings from the operating system.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::session::Identity;

/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// A random number; a system without randomness gets the clock, which for media is good enough to go on.
pub(crate) fn random_u32() -> u32 {
    getrandom::u32().unwrap_or_else(|error| {
        log::error!("no random numbers: {error}");
        ntp_now() as u32
    })
}

/// Fresh beginnings for one session.
pub(crate) fn identity() -> Identity {
    let seed = u64::from(random_u32()) << 32 | u64::from(random_u32());
    Identity {
        ssrc: random_u32(),
        // In the lower half, so that a far end that joins late counts the first round right (RFC 3711 section 3.3.1).
        sequence: random_u32() as u16 & 0x7fff,
        timestamp: random_u32(),
        ntp: ntp_now(),
        seed,
        cname: format!("{:08x}{:08x}{:08x}", random_u32(), random_u32(), random_u32()),
    }
}

fn ntp_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    ((since.as_secs() + NTP_TO_UNIX) << 32) + fraction
}
