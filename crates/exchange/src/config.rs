//! How the exchange is set up.
use parley_sip::auth::Algorithm;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// The set-up of an exchange.
#[derive(Debug, Clone)]
pub struct ExchangeConfig {
    /// Where it listens, UDP and TCP on the same port; port 0 takes a free one.
    pub listen: SocketAddrV4,
    /// The realm of its challenges.
    pub realm: String,
    /// Digest algorithms of its challenges, best first (RFC 8760 section 2.4). Phones exist that give up on a challenge they
    /// do not know instead of taking the next one; for them this can be MD5 alone.
    pub algorithms: Vec<Algorithm>,
    /// Who may register.
    pub users: Vec<User>,
    /// How long the practice lines take.
    pub times: LineTimes,
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0),
            realm: "practice.parley".to_owned(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            users: vec![User::new("100", "practice-100"), User::new("200", "practice-200")],
            times: LineTimes::default(),
        }
    }
}

/// A user of the exchange.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Number and login name in one.
    pub name: String,
    /// The password. Only ever good on this machine, but still not shown by `Debug`.
    pub password: String,
}

impl User {
    /// A user.
    pub fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: password.to_owned(),
        }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.name)
    }
}

/// How long the practice lines take.
#[derive(Debug, Clone, Copy)]
pub struct LineTimes {
    /// From the invitation to the answer.
    pub ring: Duration,
    /// How long 604 rings.
    pub nobody: Duration,
    /// How long the customer of 601 talks before hanging up.
    pub greeting: Duration,
    /// From the end of that call to the customer calling back.
    pub call_back: Duration,
    /// How long the customer who calls back waits for an answer.
    pub patience: Duration,
    /// How long the customer who called back talks.
    pub story: Duration,
    /// How long a line waits before it does what it is there for: the announcement of 605 before the answer, the transfer of
    /// 607, the hold of 609, the refreshes of 614, the ringing of 610.
    pub pause: Duration,
    /// How long 609 holds.
    pub hold: Duration,
    /// How long 611 makes 610 ring.
    pub colleague: Duration,
    /// How long a call may be parked.
    pub park: Duration,
}

impl Default for LineTimes {
    fn default() -> Self {
        Self {
            ring: Duration::from_secs(1),
            nobody: Duration::from_secs(180),
            greeting: Duration::from_secs(2),
            call_back: Duration::from_secs(3),
            patience: Duration::from_secs(60),
            story: Duration::from_secs(60),
            pause: Duration::from_secs(3),
            hold: Duration::from_secs(5),
            colleague: Duration::from_secs(20),
            park: Duration::from_secs(300),
        }
    }
}
