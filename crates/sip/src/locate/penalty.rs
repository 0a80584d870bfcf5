//! Servers that failed a short while ago: they come last until their time is over (RFC 3263 section 4.3).

use super::Candidate;
use std::time::{Duration, Instant};

/// Servers remembered, at most; the one whose penalty ends first goes first.
const MOST: usize = 256;
/// The longest penalty.
const LONGEST: Duration = Duration::from_secs(3600);

/// Servers to avoid for a while.
#[derive(Debug, Clone, Default)]
pub struct PenaltyList {
    until: Vec<(Candidate, Instant)>,
}

impl PenaltyList {
    /// Nobody has failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Avoids a server from now on, for an hour at most.
    pub fn avoid(&mut self, now: Instant, server: Candidate, lasting: Duration) {
        self.until.retain(|(known, until)| *known != server && *until > now);
        if self.until.len() >= MOST
            && let Some(first) = (0..self.until.len()).min_by_key(|at| self.until.get(*at).map(|(_, until)| *until))
        {
            self.until.swap_remove(first);
        }
        self.until.push((server, now + lasting.min(LONGEST)));
    }

    /// The server answered: nothing speaks against it any more.
    pub fn forgive(&mut self, server: Candidate) {
        self.until.retain(|(known, _)| *known != server);
    }

    /// Everything was the fault of a network that we are no longer in.
    pub fn clear(&mut self) {
        self.until.clear();
    }

    /// Whether this one is avoided.
    pub fn is_avoided(&self, now: Instant, server: Candidate) -> bool {
        self.ends(now, server).is_some()
    }

    /// Puts the avoided ones last, the one whose penalty ends first before the others; the rest keeps its order.
    pub fn sort(&self, now: Instant, servers: &mut [Candidate]) {
        servers.sort_by_key(|server| self.ends(now, *server));
    }

    fn ends(&self, now: Instant, server: Candidate) -> Option<Instant> {
        self.until
            .iter()
            .find(|(known, until)| *known == server && *until > now)
            .map(|(_, until)| *until)
    }
}
