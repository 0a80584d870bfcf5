//! Answering challenges, and remembering them so that the next request need not be challenged.

use std::fmt;

use super::{Algorithm, DigestChallenge, DigestSession};
use crate::headers::Challenge;
use crate::{Headers, Response, Uri};

/// Realms that are remembered: a server, its proxies. More of them come from somebody who wants our requests to grow.
const REALMS: usize = 4;

/// Why a 401 or 407 cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeRefused {
    /// The response holds no challenge that can be read.
    NoChallenge,
    /// Only schemes, algorithms or protections this crate does not know.
    Unsupported,
    /// These credentials were just tried with a fresh nonce: user name or password is wrong.
    WrongCredentials,
    /// The server asks again and again, and each time its own nonce is too old.
    EndlessChallenges,
    /// Somebody asks for whom these credentials are not.
    ForeignRealm,
}

/// What an answer says about who gave it (RFC 7616 section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerProof {
    /// Nothing, as most do.
    None,
    /// It knows the password too.
    Right,
    /// It claims to know the password, and does not.
    Wrong,
}

impl fmt::Display for ChallengeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChallengeRefused::NoChallenge => "the server asks for credentials without a challenge",
            ChallengeRefused::Unsupported => "the server asks for credentials in a way that is not supported",
            ChallengeRefused::WrongCredentials => "user name or password is wrong",
            ChallengeRefused::EndlessChallenges => "the server refuses each of its own nonces",
            ChallengeRefused::ForeignRealm => "somebody else's server asks for the credentials",
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
        self.challenged_within(response, sent, |_| true)
    }

    /// As [`DigestClient::challenged`], but only realms that are `own` are answered.
    pub fn challenged_within(
        &mut self,
        response: &Response,
        sent: &Headers,
        own: impl Fn(&str) -> bool,
    ) -> Result<(), ChallengeRefused> {
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
        best.retain(|(_, challenge)| own(&challenge.realm));
        if best.is_empty() {
            return Err(ChallengeRefused::ForeignRealm);
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
                .retain(|(proxy, session)| !(*proxy == is_proxy && session.challenge().realm == challenge.realm));
            self.sessions.push((is_proxy, DigestSession::new(challenge)));
        }
        let forgotten = self.sessions.len().saturating_sub(REALMS);
        self.sessions.drain(..forgotten);
        Ok(())
    }

    /// Takes in what a 2xx says about the next nonce and about who gave it (Authentication-Info, RFC 7616 section 3.5).
    pub fn answered(&mut self, response: &Response, sent: &Headers) -> ServerProof {
        let mut proof = ServerProof::None;
        for (name, proxy) in [("Authentication-Info", false), ("Proxy-Authentication-Info", true)] {
            let told = response.headers.authentication_info(name);
            if told.is_empty() {
                continue;
            }
            let answers = credentials(sent, proxy);
            let known = self.sessions.iter_mut().find_map(|(of_proxy, session)| {
                let realm = session.challenge().realm.as_str();
                let mut answers = answers.iter().filter(|_| *of_proxy == proxy);
                let answer = answers.find(|answer| answer.params.get("realm") == Some(realm))?;
                Some((&answer.params, session))
            });
            let Some((sent, session)) = known else { continue };
            if told.has("rspauth") {
                let own = (self.username.as_str(), self.password.as_str());
                if !session.is_mutual(own, sent, &told, &response.body) {
                    // What such an answer says about the next nonce is not worth more.
                    proof = ServerProof::Wrong;
                    continue;
                }
                if proof == ServerProof::None {
                    proof = ServerProof::Right;
                }
            }
            if let Some(nonce) = told.get("nextnonce").filter(|nonce| !nonce.is_empty()) {
                session.go_on_with(nonce);
            }
        }
        proof
    }

    /// Whether a request to this URI lies where the credentials are good, so that they may be sent before anybody asks.
    pub fn covers(&self, uri: &Uri) -> bool {
        self.sessions
            .iter()
            .all(|(proxy, session)| *proxy || session.challenge().covers(uri))
    }

    /// The realms met so far.
    pub fn realms(&self) -> impl Iterator<Item = &str> {
        self.sessions
            .iter()
            .map(|(_, session)| session.challenge().realm.as_str())
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
        self.sessions.iter().map(|(_, session)| session.algorithm()).collect()
    }
}

fn credentials(sent: &Headers, proxy: bool) -> Vec<Challenge> {
    if proxy {
        sent.proxy_authorization()
    } else {
        sent.authorization()
    }
}

/// Whether a challenge for a realm we just answered means that the credentials are wrong. It does not if the server says that
/// the nonce was stale, nor if the nonce had been used before: many servers forget nonces without saying so.
fn is_refusal(proxy: bool, challenge: &DigestChallenge, sent: &Headers) -> bool {
    let answers = credentials(sent, proxy);
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
