//! Answering challenges, and remembering them so that the next request need not be challenged.

use std::fmt;

use super::digest::{self, Inputs};
use super::{Algorithm, DigestChallenge};
use crate::headers::Challenge;
use crate::{Headers, Response};

/// Realms that are remembered: a server, its proxies. More of them come from somebody who wants our requests to grow.
const REALMS: usize = 4;

/// One challenge being answered: it counts how often its nonce was used.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestSession {
    challenge: DigestChallenge,
    /// How often the nonce was used so far.
    count: u32,
    /// The first client nonce, which `-sess` keys are bound to.
    first_cnonce: Option<String>,
}

impl DigestSession {
    /// A fresh session.
    pub fn new(challenge: DigestChallenge) -> DigestSession {
        DigestSession {
            challenge,
            count: 0,
            first_cnonce: None,
        }
    }

    /// What is being answered.
    pub fn challenge(&self) -> &DigestChallenge {
        &self.challenge
    }

    /// The value of Authorization or Proxy-Authorization for a request; counts the use. `uri` is the Request-URI as printed,
    /// `cnonce` a fresh random token.
    pub fn authorize(&mut self, credentials: (&str, &str), request: (&str, &str, &[u8]), cnonce: &str) -> Challenge {
        let ((username, password), (method, uri, body)) = (credentials, request);
        let DigestChallenge {
            realm,
            nonce,
            opaque,
            algorithm,
            ..
        } = &self.challenge;
        let first = self.first_cnonce.get_or_insert_with(|| cnonce.to_owned());
        let cnonce = if algorithm.is_session() { first.as_str() } else { cnonce };
        self.count = self.count.saturating_add(1);
        let (count, qop) = (format!("{:08x}", self.count), self.challenge.chosen_qop());
        let response = digest::response(&Inputs {
            algorithm: *algorithm,
            user_hash: &algorithm.user_hash(username, realm, password),
            nonce,
            method,
            uri,
            body,
            qop,
            count: &count,
            cnonce,
        });
        let mut answer = Challenge::new("Digest")
            .with_quoted("username", username)
            .with_quoted("realm", realm)
            .with_quoted("nonce", nonce)
            .with_quoted("uri", uri)
            .with_quoted("response", &response)
            .with_token("algorithm", algorithm.as_str());
        if let Some(qop) = qop {
            answer = answer.with_token("qop", &qop.to_string()).with_token("nc", &count);
        }
        if qop.is_some() || algorithm.is_session() {
            answer = answer.with_quoted("cnonce", cnonce);
        }
        match opaque {
            Some(opaque) => answer.with_quoted("opaque", opaque),
            None => answer,
        }
    }
}

/// Why a 401 or 407 cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeRefused {
    /// The response holds no challenge that can be read.
    NoChallenge,
    /// Only schemes, algorithms or protections this crate does not know.
    Unsupported,
    /// These credentials were just tried with a fresh nonce: user name or password is wrong.
    WrongCredentials,
}

impl fmt::Display for ChallengeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChallengeRefused::NoChallenge => "the server asks for credentials without a challenge",
            ChallengeRefused::Unsupported => "the server asks for credentials in a way that is not supported",
            ChallengeRefused::WrongCredentials => "user name or password is wrong",
        })
    }
}

impl std::error::Error for ChallengeRefused {}

/// The credentials of one account and the challenges met so far: one for each realm of servers and of proxies.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestClient {
    username: String,
    password: String,
    /// Whether a proxy asked, and the session.
    sessions: Vec<(bool, DigestSession)>,
}

impl DigestClient {
    /// Credentials that were not asked for yet.
    pub fn new(username: &str, password: &str) -> DigestClient {
        DigestClient {
            username: username.to_owned(),
            password: password.to_owned(),
            sessions: Vec::new(),
        }
    }

    /// Takes in the challenges of a 401 or 407 to a request that carried `sent`. Where a realm offers several algorithms the
    /// strongest known one is answered (RFC 8760 section 2.4).
    ///
    /// After `Ok` the request is worth sending again with [`DigestClient::authorize`].
    pub fn challenged(&mut self, response: &Response, sent: &Headers) -> Result<(), ChallengeRefused> {
        let server = response.headers.www_authenticate();
        let proxy = response.headers.proxy_authenticate();
        let all: Vec<(bool, &Challenge)> = server
            .iter()
            .map(|challenge| (false, challenge))
            .chain(proxy.iter().map(|challenge| (true, challenge)))
            .collect();
        if all.is_empty() {
            return Err(ChallengeRefused::NoChallenge);
        }
        let mut best: Vec<(bool, DigestChallenge)> = Vec::new();
        for (is_proxy, challenge) in all {
            let Some(challenge) = DigestChallenge::read(challenge) else {
                continue;
            };
            match best
                .iter_mut()
                .find(|(proxy, known)| *proxy == is_proxy && known.realm == challenge.realm)
            {
                Some((_, known)) if known.algorithm.strength() >= challenge.algorithm.strength() => {}
                Some((_, known)) => *known = challenge,
                None => best.push((is_proxy, challenge)),
            }
        }
        if best.is_empty() {
            return Err(ChallengeRefused::Unsupported);
        }
        if best
            .iter()
            .any(|(proxy, challenge)| is_refusal(*proxy, challenge, sent))
        {
            self.sessions.clear();
            return Err(ChallengeRefused::WrongCredentials);
        }
        for (is_proxy, challenge) in best.into_iter().take(REALMS) {
            self.sessions
                .retain(|(proxy, session)| !(*proxy == is_proxy && session.challenge.realm == challenge.realm));
            self.sessions.push((is_proxy, DigestSession::new(challenge)));
        }
        let forgotten = self.sessions.len().saturating_sub(REALMS);
        self.sessions.drain(..forgotten);
        Ok(())
    }

    /// Replaces the credentials header fields of a request by fresh ones for every challenge met so far. The method and the
    /// URI are those of the request line.
    pub fn authorize(&mut self, headers: &mut Headers, request: (&str, &str, &[u8]), cnonce: &str) {
        headers.remove("Authorization");
        headers.remove("Proxy-Authorization");
        for (proxy, session) in &mut self.sessions {
            let answer = session.authorize((&self.username, &self.password), request, cnonce);
            headers.push(if *proxy { "Proxy-Authorization" } else { "Authorization" }, answer);
        }
    }

    /// Whether a challenge was met, so that requests carry credentials at once.
    pub fn is_ready(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// The algorithms in use, for diagnosis.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.sessions
            .iter()
            .map(|(_, session)| session.challenge.algorithm)
            .collect()
    }
}

/// Whether a challenge for a realm we just answered means that the credentials are wrong. It does not if the server says that
/// the nonce was stale, nor if the nonce had been used before: many servers forget nonces without saying so.
fn is_refusal(proxy: bool, challenge: &DigestChallenge, sent: &Headers) -> bool {
    let answers = if proxy {
        sent.proxy_authorization()
    } else {
        sent.authorization()
    };
    let Some(answer) = answers
        .iter()
        .find(|answer| answer.params.get("realm") == Some(&challenge.realm))
    else {
        return false;
    };
    let first_use = answer
        .params
        .get("nc")
        .is_none_or(|count| u32::from_str_radix(count, 16) == Ok(1));
    // The very same nonce again, though not called stale, is a refusal however often it was used.
    !challenge.stale && (first_use || answer.params.get("nonce") == Some(&challenge.nonce))
}

/// Neither the password nor what is derived from it is shown.
impl fmt::Debug for DigestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestClient")
            .field("sessions", &self.sessions.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DigestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestSession")
            .field("realm", &self.challenge.realm)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
