//! Keeping UDP flows alive with STUN (RFC 5626 section 4.4.2): it shows at once when a translator on the way forgot us.
//!
//! ```text
//! State    on                         does                                    becomes
//! -        the endpoint's keep-alive  asks beside it                          Trying
//! Trying   an answer                  remembers our address as seen           Speaks
//!          no answer                  the keep-alive stays as it is           Silent
//! Speaks   the endpoint's keep-alive  asks in its place, if it is time        Asking
//! Asking   the same address           nothing                                 Speaks
//!          another address            the flow is over: register anew         -
//!          no answer                  the flow is over: register anew         -
//! ```
use super::Raw;
use parley_sip::endpoint::FlowId;
use parley_sip::stun::{self, Stun, TransactionId, WAITS};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// An answer keeps the flow alive for so long; the endpoint asks for it each 25 s.
const FRESH: Duration = Duration::from_secs(15);
/// Flows kept alive this way, at most.
const FLOWS: usize = 256;

enum State {
    Trying(Question),
    Silent,
    Speaks { seen: SocketAddr, answered: Instant },
    Asking { seen: SocketAddr, question: Question },
}

/// One question with its repetitions, until it is dropped.
struct Question {
    id: TransactionId,
    repeating: AbortHandle,
}

impl Drop for Question {
    fn drop(&mut self) {
        self.repeating.abort();
    }
}

/// The flows the endpoint keeps alive.
pub(super) struct KeepAlives {
    flows: HashMap<FlowId, State>,
    reports: mpsc::Sender<Raw>,
}

impl KeepAlives {
    pub fn new(reports: mpsc::Sender<Raw>) -> Self {
        Self {
            flows: HashMap::new(),
            reports,
        }
    }

    /// The endpoint wants a flow kept alive. Whether that is done with this; otherwise its own keep-alive is needed.
    pub fn ask(&mut self, flow: FlowId, socket: Arc<UdpSocket>, remote: SocketAddr) -> bool {
        match self.flows.remove(&flow) {
            None if self.flows.len() >= FLOWS => false,
            None => {
                if let Some(question) = self.question(flow, socket, remote) {
                    self.flows.insert(flow, State::Trying(question));
                }
                false
            }
            // Several lines share the flow: one answer does for all of them.
            Some(State::Speaks { seen, answered }) if answered.elapsed() < FRESH => {
                self.flows.insert(flow, State::Speaks { seen, answered });
                true
            }
            Some(State::Speaks { seen, answered }) => {
                let Some(question) = self.question(flow, socket, remote) else {
                    self.flows.insert(flow, State::Speaks { seen, answered });
                    return false;
                };
                self.flows.insert(flow, State::Asking { seen, question });
                true
            }
            Some(other) => {
                let asks = matches!(other, State::Asking { .. });
                self.flows.insert(flow, other);
                asks
            }
        }
    }

    /// A STUN message on a flow. Whether our address there changed, which is the end of the flow.
    pub fn heard(&mut self, flow: FlowId, bytes: &[u8]) -> bool {
        let asked = match self.flows.get(&flow) {
            Some(State::Trying(question) | State::Asking { question, .. }) => question.id,
            _ => return false,
        };
        let answer = match stun::parse(bytes) {
            Some(Stun::BindingSuccess { id, mapped }) if id == asked => Some(mapped),
            Some(Stun::BindingError { id, .. }) if id == asked => None,
            _ => return false,
        };
        let answered = Instant::now();
        let speaks = |seen| State::Speaks { seen, answered };
        let (next, moved) = match (self.flows.remove(&flow), answer) {
            (Some(State::Asking { seen, .. }), Some(mapped)) => (speaks(mapped), mapped != seen),
            // It is there, but does not tell: as good as an answer.
            (Some(State::Asking { seen, .. }), None) => (speaks(seen), false),
            (_, Some(mapped)) => (speaks(mapped), false),
            (_, None) => (State::Silent, false),
        };
        self.flows.insert(flow, next);
        moved
    }

    /// The repetitions of a question are over. Whether that is the end of the flow.
    pub fn unanswered(&mut self, flow: FlowId) -> bool {
        match self.flows.remove(&flow) {
            Some(State::Trying(_)) => {
                self.flows.insert(flow, State::Silent);
                false
            }
            Some(State::Asking { .. }) => true,
            Some(other) => {
                self.flows.insert(flow, other);
                false
            }
            None => false,
        }
    }

    pub fn forget(&mut self, flow: FlowId) {
        self.flows.remove(&flow);
    }

    /// As if the last answer came long ago.
    #[cfg(test)]
    pub fn grow_old(&mut self) {
        for state in self.flows.values_mut() {
            if let State::Speaks { answered, .. } = state {
                *answered = answered.checked_sub(FRESH).unwrap();
            }
        }
    }

    fn question(&self, flow: FlowId, socket: Arc<UdpSocket>, remote: SocketAddr) -> Option<Question> {
        let mut id = TransactionId::default();
        getrandom::fill(&mut id).ok()?;
        let (bytes, reports) = (stun::binding_request(&id), self.reports.clone());
        let repeating = tokio::spawn(async move {
            for wait in WAITS {
                let _ = socket.send_to(&bytes, remote).await;
                tokio::time::sleep(wait).await;
            }
            let _ = reports.send(Raw::Unanswered { flow }).await;
        });
        Some(Question {
            id,
            repeating: repeating.abort_handle(),
        })
    }
}
