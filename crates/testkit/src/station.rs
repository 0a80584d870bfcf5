//! What can be plugged into the network.

use std::time::Instant;

use parley_sip::endpoint::{Endpoint, Input, Output};

/// Something that sends and receives: an endpoint, a scripted peer, or the core of an engine in a wrapper.
pub trait Station {
    /// Takes what the network says.
    fn handle(&mut self, now: Instant, input: Input);
    /// Does what is due.
    fn wake(&mut self, now: Instant);
    /// When that is.
    fn next_wake(&self) -> Option<Instant>;
    /// The next thing for the network to do. What is not for the network (an event) the station keeps for itself.
    fn poll(&mut self, now: Instant) -> Option<Output>;
}

impl Station for Endpoint {
    fn handle(&mut self, now: Instant, input: Input) {
        Endpoint::handle(self, now, input);
    }

    fn wake(&mut self, now: Instant) {
        Endpoint::wake(self, now);
    }

    fn next_wake(&self) -> Option<Instant> {
        Endpoint::next_wake(self)
    }

    fn poll(&mut self, _now: Instant) -> Option<Output> {
        Endpoint::poll(self)
    }
}
