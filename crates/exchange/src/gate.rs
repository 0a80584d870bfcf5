//! Who may pass: digest challenges and the nonces given out.
use crate::User;
use parley_sip::Request;
use parley_sip::auth::{Algorithm, Attempt, DigestChallenge, Proof};
use parley_sip::headers::Challenge;
use rand_core::RngCore;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A nonce is good for this long.
const NONCE_LIFE: Duration = Duration::from_secs(300);
/// Nonces remembered; older ones count as stale.
const NONCES: usize = 1024;

/// Gives challenges and judges the answers.
#[derive(Debug)]
pub(crate) struct Gate {
    realm: String,
    algorithms: Vec<Algorithm>,
    nonces: VecDeque<Nonce>,
}

#[derive(Debug)]
struct Nonce {
    text: String,
    given: Instant,
    used: u32,
}

/// What the gate says of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It comes from this user.
    Passed(String),
    /// No answer to a challenge of ours yet, or to one too old: challenge with these values.
    Challenge(Vec<String>),
    /// A fresh nonce and a wrong answer.
    Wrong,
}

impl Gate {
    pub(crate) fn new(realm: &str, algorithms: &[Algorithm]) -> Self {
        Self {
            realm: realm.to_owned(),
            algorithms: algorithms.to_vec(),
            nonces: VecDeque::new(),
        }
    }

    pub(crate) fn judge(
        &mut self,
        now: Instant,
        request: &Request,
        credentials: &[Challenge],
        users: &[User],
        rng: &mut dyn RngCore,
    ) -> Verdict {
        let attempt = credentials
            .iter()
            .filter_map(Attempt::read)
            .find(|attempt| attempt.realm == self.realm);
        let Some(attempt) = attempt else {
            return self.challenge(now, false, rng);
        };
        let fresh = self.nonces.iter_mut().find(|nonce| nonce.text == attempt.nonce);
        let fresh = fresh.filter(|nonce| now.saturating_duration_since(nonce.given) < NONCE_LIFE);
        let Some(nonce) = fresh else {
            return self.challenge(now, true, rng);
        };
        // A count that does not grow is a replay; without qop there is no count.
        if attempt.qop.is_some() {
            if attempt.count <= nonce.used {
                return self.challenge(now, true, rng);
            }
            nonce.used = attempt.count;
        }
        let offered = self.algorithms.contains(&attempt.algorithm);
        let user = users.iter().find(|user| user.name == attempt.username);
        match user {
            Some(user)
                if offered
                    && attempt.is_proven(request.method.as_str(), &request.body, Proof::Password(&user.password)) =>
            {
                Verdict::Passed(user.name.clone())
            }
            _ => Verdict::Wrong,
        }
    }

    /// One challenge for each algorithm.
    fn challenge(&mut self, now: Instant, stale: bool, rng: &mut dyn RngCore) -> Verdict {
        let text = format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64());
        if self.nonces.len() >= NONCES {
            self.nonces.pop_front();
        }
        let of = |algorithm| {
            let mut challenge = DigestChallenge::new(&self.realm, &text, algorithm);
            challenge.stale = stale;
            challenge.to_challenge().to_string()
        };
        let values = self.algorithms.iter().map(|algorithm| of(*algorithm)).collect();
        self.nonces.push_back(Nonce {
            text,
            given: now,
            used: 0,
        });
        Verdict::Challenge(values)
    }
}
