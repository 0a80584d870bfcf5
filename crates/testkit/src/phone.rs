//! A phone: an endpoint whose events are kept for the script, and which answers plainly what has only one answer.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use parley_sip::Uri;
use parley_sip::endpoint::{
    AccountConfig, AccountId, Credentials, EndCause, Endpoint, EndpointConfig, Event, IncomingInvite, Input,
    InviteOptions, Output, RegistrationState, Secret, SessionId, TransferProgress,
};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::{Network, Station, sdp};

/// How long a script waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(300);
/// The account of a phone that has one.
pub const LINE: AccountId = AccountId(1);

/// A phone on the network. Clones are the same phone.
#[derive(Clone)]
pub struct Phone {
    network: Network,
    station: Rc<RefCell<Inner>>,
}

struct Inner {
    endpoint: Endpoint,
    events: VecDeque<Event>,
    /// Offers when asked to, with this description.
    offer: Option<Vec<u8>>,
    /// Answers a changed session at once, with this description.
    reanswer: Option<Vec<u8>>,
}

impl Station for Inner {
    fn handle(&mut self, now: Instant, input: Input) {
        self.endpoint.handle(now, input);
    }

    fn wake(&mut self, now: Instant) {
        self.endpoint.wake(now);
    }

    fn next_wake(&self) -> Option<Instant> {
        self.endpoint.next_wake()
    }

    fn poll(&mut self, now: Instant) -> Option<Output> {
        loop {
            match self.endpoint.poll()? {
                Output::Event(event) => self.note(now, event),
                other => return Some(other),
            }
        }
    }
}

impl Inner {
    fn note(&mut self, now: Instant, event: Event) {
        match (&event, &self.offer, &self.reanswer) {
            (Event::OfferWanted { session, .. }, Some(sdp), _) => self.endpoint.offer(now, *session, sdp.clone()),
            (Event::Reoffered { session, .. }, _, Some(sdp)) => {
                self.endpoint.answer_reoffer(now, *session, sdp.clone())
            }
            _ => {}
        }
        self.events.push_back(event);
    }
}

impl Phone {
    /// A phone without accounts.
    pub fn new(network: &Network, address: &str) -> Self {
        Self::with_config(network, address, EndpointConfig::default())
    }

    /// A phone without accounts, with a configuration of its own. Its lots depend on its address alone.
    pub fn with_config(network: &Network, address: &str, config: EndpointConfig) -> Self {
        let seed = address.bytes().fold(network.seed(), |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        });
        let host = address
            .rsplit_once(':')
            .map_or(address, |(host, _)| host)
            .trim_matches(['[', ']']);
        let inner = Inner {
            endpoint: Endpoint::new(config, Box::new(ChaCha8Rng::seed_from_u64(seed))),
            events: VecDeque::new(),
            offer: Some(sdp(host, 4000)),
            reanswer: Some(sdp(host, 4000)),
        };
        let station = Rc::new(RefCell::new(inner));
        network.attach(address.parse().unwrap(), station.clone());
        Self {
            network: network.clone(),
            station,
        }
    }

    /// A phone that calls addresses and takes calls from anybody, without a server.
    pub fn direct(network: &Network, address: &str, uri: &str) -> Self {
        let phone = Self::new(network, address);
        let mut config = AccountConfig::new(uri.parse().unwrap());
        config.register = false;
        config.accept_from_anyone = true;
        phone.set_account(config);
        phone
    }

    /// A phone that registers, with its user's name as name and `secret` as password.
    pub fn registering(network: &Network, address: &str, uri: &str) -> Self {
        let phone = Self::new(network, address);
        phone.set_account(Self::account(uri));
        phone
    }

    /// The account of [`Phone::registering`], to be changed.
    pub fn account(uri: &str) -> AccountConfig {
        let uri: Uri = uri.parse().unwrap();
        let user = uri.user().unwrap_or_default();
        let mut config = AccountConfig::new(uri);
        config.credentials = Some(Credentials {
            user,
            password: Secret::new("secret"),
        });
        config
    }

    /// Sets the account [`LINE`].
    pub fn set_account(&self, config: AccountConfig) {
        self.with(|endpoint, now| endpoint.set_account(now, LINE, config));
    }

    /// Stops answering [`Event::OfferWanted`] and [`Event::Reoffered`]: the script does.
    pub fn by_hand(&self) {
        let mut inner = self.station.borrow_mut();
        inner.offer = None;
        inner.reanswer = None;
    }

    /// Stops answering [`Event::Reoffered`] by itself; offers go on by themselves.
    pub fn by_hand_after_offer(&self) {
        self.station.borrow_mut().reanswer = None;
    }

    /// Does something with the endpoint and lets the network know.
    pub fn with<T>(&self, act: impl FnOnce(&mut Endpoint, Instant) -> T) -> T {
        let done = act(&mut self.station.borrow_mut().endpoint, self.network.now());
        self.network.settle();
        done
    }

    /// Calls an address.
    pub fn call(&self, target: &str) -> SessionId {
        let target = target.parse().unwrap();
        self.with(|endpoint, now| endpoint.invite(now, LINE, target, InviteOptions::default()))
            .unwrap()
    }

    /// Sends 180.
    pub fn ring(&self, session: SessionId) {
        self.with(|endpoint, now| endpoint.ring(now, session));
    }

    /// Answers a call.
    pub fn accept(&self, session: SessionId) {
        self.with(|endpoint, now| endpoint.accept(now, session, sdp("10.0.0.1", 4000)));
    }

    /// Hangs up.
    pub fn hang_up(&self, session: SessionId) {
        self.with(|endpoint, now| endpoint.hang_up(now, session, None));
    }

    /// Offers a changed session.
    pub fn reoffer(&self, session: SessionId, sdp: Vec<u8>) {
        self.with(|endpoint, now| endpoint.reoffer(now, session, sdp)).unwrap();
    }

    /// Waits for an event and takes it, with all before it.
    pub fn expect<T>(&self, what: &str, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let mut before = Vec::new();
        let station = self.station.clone();
        let found = self.network.run_until(PATIENCE, || {
            loop {
                let event = station.borrow_mut().events.pop_front()?;
                if let Some(found) = wanted(&event) {
                    return Some(found);
                }
                before.push(event);
            }
        });
        found.unwrap_or_else(|| panic!("{what} did not happen; instead: {before:#?}\n{}", self.network.trace()))
    }

    /// Waits for a call.
    pub fn expect_call(&self) -> (SessionId, IncomingInvite) {
        self.expect("an incoming call", |event| match event {
            Event::Incoming { session, invite, .. } => Some((*session, invite.clone())),
            _ => None,
        })
    }

    /// Waits for a provisional answer.
    pub fn expect_progress(&self, call: SessionId, wanted: u16) -> Option<Vec<u8>> {
        self.expect("progress", |event| match event {
            Event::Progress { session, code, sdp, .. } if *session == call && *code == wanted => Some(sdp.clone()),
            _ => None,
        })
    }

    /// Waits for the far end to answer.
    pub fn expect_answered(&self, call: SessionId) -> Option<Vec<u8>> {
        self.expect("the answer", |event| match event {
            Event::Answered { session, sdp, .. } if *session == call => Some(sdp.clone()),
            _ => None,
        })
    }

    /// Waits for the ACK.
    pub fn expect_confirmed(&self, call: SessionId) -> Option<Vec<u8>> {
        self.expect("the ACK", |event| match event {
            Event::Confirmed { session, sdp } if *session == call => Some(sdp.clone()),
            _ => None,
        })
    }

    /// Waits for the far end to change the session.
    pub fn expect_reoffered(&self, call: SessionId) -> Option<Vec<u8>> {
        self.expect("a new offer", |event| match event {
            Event::Reoffered { session, sdp } if *session == call => Some(sdp.clone()),
            _ => None,
        })
    }

    /// Waits for news of a transfer.
    pub fn expect_transfer(&self, call: SessionId) -> TransferProgress {
        self.expect("news of the transfer", |event| match event {
            Event::Transfer { session, progress } if *session == call => Some(progress.clone()),
            _ => None,
        })
    }

    /// Waits for the end of a call.
    pub fn expect_ended(&self, call: SessionId) -> EndCause {
        self.expect("the end of the call", |event| match event {
            Event::Ended { session, cause } if *session == call => Some(cause.clone()),
            _ => None,
        })
    }

    /// Waits for the next state of the registration other than `Registering`.
    pub fn expect_registration(&self) -> RegistrationState {
        self.expect("a registration", |event| match event {
            Event::Registration { state, .. } if *state != RegistrationState::Registering => Some(state.clone()),
            _ => None,
        })
    }

    /// The events nobody has waited for yet.
    pub fn events(&self) -> Vec<Event> {
        self.network.settle();
        self.station.borrow_mut().events.drain(..).collect()
    }
}
