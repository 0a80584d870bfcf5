//! Notices another network: addresses and interfaces that come and go, routes that lead elsewhere, and a computer that slept.
//!
//! The system tells when addresses change; routes and cables are looked at each second. What counts is whether the picture is another
//! one than before: a renewed lease or a scan for networks is no news.
use super::Raw;
use super::udp::own_address_towards;
use futures_util::StreamExt;
use if_watch::tokio::IfWatcher;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;

/// How often routes and cables are looked at.
const GLANCE: Duration = Duration::from_secs(1);
/// A change comes in several steps; the last one counts.
const SETTLED: Duration = Duration::from_millis(300);
/// A round takes a glance, and another one while a change settles. One that took so much longer by either clock was slept through: the
/// clock of time-outs stands still in the sleep on Linux and macOS, where the calendar tells; it goes on on Windows, and in a program
/// that was stopped. A calendar that was set forward costs one registration.
const ASLEEP: Duration = Duration::from_secs(5);
/// Servers whose ways are watched, at most; the newest ones.
const WAYS: usize = 16;

/// The servers whose ways are watched.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways(Arc<Mutex<Vec<SocketAddr>>>);

impl Ways {
    /// A way was opened to there.
    pub fn note(&self, remote: SocketAddr) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other| *other != remote);
        if known.len() >= WAYS {
            known.remove(0);
        }
        known.push(remote);
    }

    fn all(&self) -> Vec<SocketAddr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The network as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Picture {
    /// Each address with the state of its interface.
    own: BTreeSet<(IpAddr, bool)>,
    /// Our address towards each server.
    ways: Vec<(SocketAddr, Option<IpAddr>)>,
}

impl Picture {
    fn take(ways: &Ways) -> Self {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let ways = ways.all().into_iter();
        Self {
            own: interfaces.iter().map(|one| (one.ip(), one.is_oper_up())).collect(),
            ways: ways.map(|remote| (remote, own_address_towards(remote).ok())).collect(),
        }
    }

    /// Whether this is another network than before; a server that was not watched before tells nothing.
    fn differs(&self, before: &Self) -> bool {
        let was = |remote: SocketAddr| {
            before
                .ways
                .iter()
                .find(|(known, _)| *known == remote)
                .map(|(_, local)| *local)
        };
        self.own != before.own
            || self
                .ways
                .iter()
                .any(|(remote, local)| was(*remote).is_some_and(|was| was != *local))
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.own.iter().map(|(ip, _)| *ip).collect()
    }
}

/// Reports changes until nobody listens.
pub(super) async fn watch(ways: Ways, reports: mpsc::Sender<Raw>) {
    let mut system = match IfWatcher::new() {
        Ok(watcher) => Some(watcher),
        Err(why) => {
            log::info!("the system does not tell of changed addresses, they are looked at: {why}");
            None
        }
    };
    let mut before = Picture::take(&ways);
    let mut clock = Clock::now();
    while !reports.is_closed() {
        if told(&mut system).await {
            settle(&mut system).await;
        }
        let (now, picture) = (Clock::now(), Picture::take(&ways));
        let slept = now.since(&clock) > GLANCE + GLANCE + ASLEEP;
        if slept || picture.differs(&before) {
            log::info!(
                "{}",
                if slept {
                    "the computer slept"
                } else {
                    "the network changed"
                }
            );
            let own = picture.addresses();
            if reports.send(Raw::NetworkChanged { own, slept }).await.is_err() {
                return;
            }
        }
        (clock, before) = (now, picture);
    }
}

/// Waits for the system's word, or for the next glance. Whether it was the former.
async fn told(system: &mut Option<IfWatcher>) -> bool {
    let Some(watcher) = system else {
        tokio::time::sleep(GLANCE).await;
        return false;
    };
    match tokio::time::timeout(GLANCE, watcher.next()).await {
        Ok(Some(Ok(_))) => true,
        Ok(Some(Err(_)) | None) => {
            *system = None;
            false
        }
        Err(_) => false,
    }
}

/// Waits until nothing more is told for a moment; not longer than a glance.
async fn settle(system: &mut Option<IfWatcher>) {
    let all = async {
        while let Some(watcher) = system {
            match tokio::time::timeout(SETTLED, watcher.next()).await {
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => *system = None,
                Err(_) => return,
            }
        }
    };
    let _ = tokio::time::timeout(GLANCE, all).await;
}

/// Both clocks.
struct Clock {
    running: Instant,
    calendar: SystemTime,
}

impl Clock {
    fn now() -> Self {
        Self {
            running: Instant::now(),
            calendar: SystemTime::now(),
        }
    }

    /// How much time went by, by the clock that went on farther.
    fn since(&self, before: &Self) -> Duration {
        let calendar = self.calendar.duration_since(before.calendar).unwrap_or_default();
        calendar.max(self.running.saturating_duration_since(before.running))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(own: &[(&str, bool)], ways: &[(&str, Option<&str>)]) -> Picture {
        let address = |ip: &str| ip.parse::<IpAddr>().unwrap();
        Picture {
            own: own.iter().map(|(ip, up)| (address(ip), *up)).collect(),
            ways: ways
                .iter()
                .map(|(remote, local)| (remote.parse().unwrap(), local.map(address)))
                .collect(),
        }
    }

    #[test]
    fn another_address_a_pulled_cable_and_another_route_are_another_network() {
        let before = picture(&[("192.0.2.5", true)], &[("198.51.100.1:5060", Some("192.0.2.5"))]);
        assert!(!before.clone().differs(&before));
        for other in [
            picture(&[("192.0.2.6", true)], &[]),
            picture(&[("192.0.2.5", false)], &[("198.51.100.1:5060", Some("192.0.2.5"))]),
            picture(&[("192.0.2.5", true)], &[("198.51.100.1:5060", Some("10.0.0.1"))]),
            picture(&[("192.0.2.5", true)], &[("198.51.100.1:5060", None)]),
        ] {
            assert!(other.differs(&before), "{other:?}");
        }
        let more = picture(&[("192.0.2.5", true)], &[("203.0.113.9:5060", Some("192.0.2.5"))]);
        assert!(!more.differs(&before), "a new server is no new network");
    }

    #[test]
    fn only_the_newest_ways_are_watched() {
        let ways = Ways::default();
        for port in 1..=100 {
            ways.note(SocketAddr::from(([192, 0, 2, 1], port)));
        }
        ways.note(SocketAddr::from(([192, 0, 2, 1], 90)));
        let all = ways.all();
        assert_eq!((all.len(), all.last().unwrap().port()), (WAYS, 90));
    }

    #[test]
    fn sleep_shows_on_the_clock_that_went_on() {
        let before = Clock::now();
        let after = |running: u64, calendar: i64| Clock {
            running: before.running + Duration::from_secs(running),
            calendar: match u64::try_from(calendar) {
                Ok(ahead) => before.calendar + Duration::from_secs(ahead),
                Err(_) => before.calendar - Duration::from_secs(calendar.unsigned_abs()),
            },
        };
        let seconds = |running, calendar| after(running, calendar).since(&before).as_secs();
        assert_eq!(
            seconds(2, 3602),
            3602,
            "Linux and macOS: the clock of time-outs stood still"
        );
        assert_eq!(
            seconds(3602, 3602),
            3602,
            "Windows, and a program that was stopped: both went on"
        );
        assert_eq!(seconds(2, -3602), 2, "a calendar that is set back is no sleep");
    }
}
