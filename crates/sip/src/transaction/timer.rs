//! Everything in the transaction layer that happens by itself.

use std::time::Duration;

/// Round-trip estimate (RFC 3261 section 17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// Longest retransmission interval for non-INVITE requests and INVITE responses.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64 * T1: how long anything unanswered is waited for.
pub const GIVE_UP: Duration = Duration::from_secs(32);

/// The timers of RFC 3261 section 17 (table 4) and RFC 6026, by their letters. Timer C belongs to proxies, timer N
/// (RFC 6665) to the subscription that follows a REFER; both are kept by their users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// INVITE request retransmission, unreliable transports: T1, doubling.
    A,
    /// INVITE without any answer: 64*T1.
    B,
    /// Wait for retransmissions of a final INVITE response to acknowledge again: 32 s, unreliable transports.
    D,
    /// Non-INVITE request retransmission, unreliable transports: T1, doubling up to T2.
    E,
    /// Non-INVITE request without a final answer: 64*T1.
    F,
    /// Retransmission of a final INVITE response other than 2xx, unreliable transports: T1, doubling up to T2.
    G,
    /// No ACK for a final INVITE response other than 2xx: 64*T1.
    H,
    /// Wait for retransmissions of the ACK: T4, unreliable transports.
    I,
    /// Wait for retransmissions of a non-INVITE request: 64*T1, unreliable transports.
    J,
    /// Wait for retransmissions of a non-INVITE response: T4, unreliable transports.
    K,
    /// A server's INVITE transaction stays to absorb retransmissions of an INVITE answered with 2xx: 64*T1.
    L,
    /// A client's INVITE transaction stays to pass on further 2xx: 64*T1.
    M,
    /// A cancelled INVITE got no final answer 64*T1 after the CANCEL (RFC 3261 section 9.1); has no letter.
    Cancelled,
}

/// The next interval of a doubling retransmission with a ceiling.
pub fn doubled(interval: Duration, ceiling: Duration) -> Duration {
    (interval * 2).min(ceiling)
}
