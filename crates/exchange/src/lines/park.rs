//! Park orbits: a call transferred to 700 … 709 waits there until somebody dials that number.
//!
//! | Who is parked | How he waits | How he is fetched |
//! |---|---|---|
//! | a phone | in a call with the orbit, which plays music | the fetcher's INVITE goes on to it with Replaces |
//! | a practice line | nowhere: it lives in here | it answers the fetcher |
use super::kind::ORBITS;
use super::{CallKey, Play, Shown};
use std::time::Instant;

/// All orbits.
#[derive(Debug, Default)]
pub(super) struct Parking {
    places: Vec<Place>,
}

/// One call that waits.
#[derive(Debug, Clone)]
pub(super) struct Place {
    orbit: u8,
    pub(super) who: Parked,
    /// What those who watch the orbit see, unless they see a real call.
    pub(super) shown: Option<Shown>,
    /// When a line gets tired of it.
    until: Option<Instant>,
}

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parked {
    Phone(CallKey),
    Line(Play),
}

impl Parking {
    pub(super) fn at(&self, orbit: u8) -> Option<Parked> {
        self.places
            .iter()
            .find(|place| place.orbit == orbit)
            .map(|place| place.who)
    }

    /// Parks; `false` if somebody is there already.
    pub(super) fn park(&mut self, orbit: u8, who: Parked, shown: Option<Shown>, until: Option<Instant>) -> bool {
        let free = orbit < ORBITS && self.at(orbit).is_none();
        if free {
            self.places.push(Place {
                orbit,
                who,
                shown,
                until,
            });
        }
        free
    }

    /// Takes whoever waits there.
    pub(super) fn fetch(&mut self, orbit: u8) -> Option<Place> {
        let at = self.places.iter().position(|place| place.orbit == orbit)?;
        Some(self.places.swap_remove(at))
    }

    /// Frees the places of phones that are gone.
    pub(super) fn keep(&mut self, is_there: impl Fn(CallKey) -> bool) {
        self.places.retain(|place| match place.who {
            Parked::Phone(key) => is_there(key),
            Parked::Line(_) => true,
        });
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.places.iter().filter_map(|place| place.until).min()
    }

    /// Those who got tired of waiting.
    pub(super) fn wake(&mut self, now: Instant) -> Vec<Place> {
        let tired = |place: &Place| place.until.is_some_and(|until| until <= now);
        let (tired, others) = std::mem::take(&mut self.places).into_iter().partition(tired);
        self.places = others;
        tired
    }
}
