//! What shall happen when: at most one appointment for each key.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// Appointments, soonest first.
#[derive(Debug)]
pub struct Schedule<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_key: HashMap<K, Instant>,
}

impl<K: Copy + Ord + Hash> Schedule<K> {
    /// Empty.
    pub fn new() -> Self {
        Self {
            by_time: BTreeSet::new(),
            by_key: HashMap::new(),
        }
    }

    /// Makes the appointment, or moves it.
    pub fn set(&mut self, key: K, at: Instant) {
        self.cancel(key);
        self.by_key.insert(key, at);
        self.by_time.insert((at, key));
    }

    /// Takes the appointment out, if there is one.
    pub fn cancel(&mut self, key: K) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
        }
    }

    /// The time of the soonest.
    pub fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes out the soonest appointment if it is due.
    pub fn due(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.cancel(key);
        Some(key)
    }

    /// When this appointment is.
    pub fn when(&self, key: K) -> Option<Instant> {
        self.by_key.get(&key).copied()
    }
}

impl<K: Copy + Ord + Hash> Default for Schedule<K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn appointments_come_in_order_once_and_only_when_due() {
        let start = Instant::now();
        let mut schedule = Schedule::new();
        schedule.set("late", start + Duration::from_secs(2));
        schedule.set("soon", start + Duration::from_secs(1));
        schedule.set("never", start);
        schedule.cancel("never");
        assert_eq!(schedule.due(start), None);
        assert_eq!(schedule.next(), Some(start + Duration::from_secs(1)));
        let end = start + Duration::from_secs(5);
        assert_eq!(schedule.due(end), Some("soon"));
        schedule.set("late", end + Duration::from_secs(1));
        assert_eq!(schedule.due(end), None);
        assert_eq!(schedule.when("late"), Some(end + Duration::from_secs(1)));
    }
}
