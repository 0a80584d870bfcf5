//! From a name to addresses.
use parley_sip::endpoint::{NextHop, TransportError};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

/// The usual port of SIP over UDP and TCP (RFC 3261 section 18).
const PORT: u16 = 5060;
/// How long a name may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// The answer of a look-up, some time later.
pub(crate) type Found = Pin<Box<dyn Future<Output = Result<Vec<SocketAddr>, TransportError>> + Send>>;

/// Whoever finds the addresses of a server. SRV and NAPTR (RFC 3263) fit behind the same question.
pub(crate) trait Resolver: Send + Sync {
    /// Addresses in the order to try them; never an empty list.
    fn find(&self, hop: &NextHop) -> Found;
}

/// A and AAAA records by the system's own resolver.
pub(crate) struct SystemResolver;

impl Resolver for SystemResolver {
    fn find(&self, hop: &NextHop) -> Found {
        let port = hop.port.unwrap_or(PORT);
        // `Host` prints an IPv6 address in brackets, as a URI needs it.
        let host = hop.host.to_string();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Box::pin(async move {
            let looked_up = tokio::time::timeout(DEADLINE, tokio::net::lookup_host((host, port))).await;
            let mut found: Vec<SocketAddr> = match looked_up {
                Err(_) => return Err(TransportError::TimedOut),
                Ok(Err(why)) => return Err(meaning(&why)),
                Ok(Ok(found)) => found.collect(),
            };
            // IPv4 first: a SIP server with both is reached over it more reliably, and media follows the same family.
            found.sort_by_key(SocketAddr::is_ipv6);
            found.dedup();
            if found.is_empty() {
                Err(TransportError::NoSuchHost)
            } else {
                Ok(found)
            }
        })
    }
}

/// The system tells "no such name" from "no name server answers" in words only.
fn meaning(why: &std::io::Error) -> TransportError {
    let words = why.to_string();
    if words.contains("Temporary failure") || words.contains("try again") {
        TransportError::Unreachable
    } else {
        TransportError::NoSuchHost
    }
}
