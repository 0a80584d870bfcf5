//! Which transaction a message belongs to (RFC 3261 sections 17.1.3 and 17.2.3).

use crate::{Method, Request, Response};

/// How a request finds its server transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Match {
    /// RFC 3261: branch, sent-by, method (an ACK counts as its INVITE).
    Branch {
        branch: String,
        sent_by: String,
        method: Method,
    },
    /// RFC 2543, no magic cookie: everything that a retransmission, its ACK and its CANCEL have in common.
    Old {
        uri: String,
        from_tag: String,
        call_id: String,
        cseq: u32,
        via: String,
        method: Method,
    },
}

impl Match {
    pub(super) fn of(request: &Request) -> Option<Match> {
        let method = if request.method == Method::Ack {
            Method::Invite
        } else {
            request.method.clone()
        };
        Match::with_method(request, method)
    }

    /// The INVITE that a CANCEL speaks of.
    pub(super) fn cancelled_by(request: &Request) -> Option<Match> {
        Match::with_method(request, Method::Invite)
    }

    fn with_method(request: &Request, method: Method) -> Option<Match> {
        let via = request.headers.via()?;
        if let Some(branch) = via.transaction_branch() {
            let sent_by = via.sent_by.to_string().to_ascii_lowercase();
            return Some(Match::Branch {
                branch: branch.to_owned(),
                sent_by,
                method,
            });
        }
        Some(Match::Old {
            uri: request.uri.to_string(),
            from_tag: request.headers.from()?.tag().unwrap_or_default().to_owned(),
            call_id: request.headers.call_id()?.to_owned(),
            cseq: request.headers.cseq()?.number,
            via: via.to_string(),
            method,
        })
    }
}

/// What a request and its copy that came by another way have in common (RFC 3261 section 8.2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Merge {
    from_tag: String,
    call_id: String,
    cseq: u32,
    method: Method,
}

impl Merge {
    /// `None` for requests inside a dialog.
    pub(super) fn of(request: &Request) -> Option<Merge> {
        if request.headers.to()?.tag().is_some() {
            return None;
        }
        let cseq = request.headers.cseq()?;
        Some(Merge {
            from_tag: request.headers.from()?.tag()?.to_owned(),
            call_id: request.headers.call_id()?.to_owned(),
            cseq: cseq.number,
            method: cseq.method,
        })
    }
}

/// How a response finds its client transaction: the branch we chose, and the method.
pub(super) fn response_key(response: &Response) -> Option<(String, Method)> {
    Some((
        response.headers.via()?.branch()?.to_owned(),
        response.headers.cseq()?.method,
    ))
}
