//! Dialogs (RFC 3261 section 12): what both ends remember of each other, and the requests made from it.
//!
//! A dialog owns the CSeq numbers of our side and checks those of the other. Deliberately absent: what the requests
//! mean; that is the session's business.

use crate::{CSeq, Headers, Host, Method, NameAddr, Request, Response, SipUri, Uri};

/// The tag and Call-ID triple that names a dialog, from our point of view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DialogId {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// Their tag; empty when an RFC 2543 element gave none.
    pub remote_tag: String,
}

impl DialogId {
    /// The dialog a request from the far end belongs to; `None` when it is outside of any.
    pub fn of_request(request: &Request) -> Option<Self> {
        Some(Self {
            call_id: request.headers.call_id()?.to_owned(),
            local_tag: request.headers.to()?.tag()?.to_owned(),
            remote_tag: request.headers.from()?.tag().unwrap_or_default().to_owned(),
        })
    }
}

/// The CSeq of a request is lower than one seen before (RFC 3261 section 12.2.2): answer 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfOrder;

/// One dialog, early or confirmed.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Its name.
    pub id: DialogId,
    /// Us, with our tag: From of our requests.
    pub local: NameAddr,
    /// Them, with their tag: To of our requests.
    pub remote: NameAddr,
    /// The last CSeq number we used.
    pub local_cseq: u32,
    /// The last CSeq number they used.
    pub remote_cseq: Option<u32>,
    /// Their Contact.
    pub remote_target: Uri,
    /// The proxies that want to stay on the path, next one first.
    pub route_set: Vec<NameAddr>,
    /// Whether we sent the INVITE that made the dialog (and so own its Call-ID, RFC 3261 section 14.1).
    pub we_called: bool,
}

impl Dialog {
    /// The dialog a response to our INVITE makes (section 12.1.2). `None` if a provisional one has no To tag. Without
    /// Contact the far end is sought where it was called: better than a call that it has and we do not.
    pub fn from_response(request: &Request, response: &Response) -> Option<Self> {
        let local = request.headers.from()?;
        let remote = response.headers.to()?;
        let contact = response.headers.contact();
        let target = contact.map_or_else(|| request.uri.clone(), |contact| contact.uri);
        if response.code() < 200 && remote.tag().is_none() {
            return None;
        }
        let mut route_set = response.headers.record_route();
        route_set.reverse();
        Some(Self {
            id: DialogId {
                call_id: request.headers.call_id()?.to_owned(),
                local_tag: local.tag()?.to_owned(),
                remote_tag: remote.tag().unwrap_or_default().to_owned(),
            },
            local,
            remote,
            local_cseq: request.headers.cseq()?.number,
            remote_cseq: None,
            remote_target: target,
            route_set,
            we_called: true,
        })
    }

    /// The dialog a request of ours was sent in, as far as the request tells: enough to acknowledge the answer to it.
    pub fn of_request(request: &Request) -> Option<Self> {
        let (local, remote) = (request.headers.from()?, request.headers.to()?);
        Some(Self {
            id: DialogId {
                call_id: request.headers.call_id()?.to_owned(),
                local_tag: local.tag()?.to_owned(),
                remote_tag: remote.tag().unwrap_or_default().to_owned(),
            },
            local,
            remote,
            local_cseq: request.headers.cseq()?.number,
            remote_cseq: None,
            remote_target: request.uri.clone(),
            route_set: request.headers.route(),
            we_called: true,
        })
    }

    /// The dialog our answer to an INVITE makes (section 12.1.1). Without Contact, as in RFC 2543, the far end is sought where it
    /// says it is.
    pub fn from_request(request: &Request, local_tag: &str) -> Option<Self> {
        let remote = request.headers.from()?;
        let local = request.headers.to()?.with_tag(local_tag);
        Some(Self {
            id: DialogId {
                call_id: request.headers.call_id()?.to_owned(),
                local_tag: local_tag.to_owned(),
                remote_tag: remote.tag().unwrap_or_default().to_owned(),
            },
            local,
            remote_target: request.headers.contact().unwrap_or_else(|| remote.clone()).uri,
            remote,
            local_cseq: 0,
            remote_cseq: Some(request.headers.cseq()?.number),
            route_set: request.headers.record_route(),
            we_called: false,
        })
    }

    /// A request within the dialog with the next CSeq number (section 12.2.1.1).
    pub fn request(&mut self, method: Method) -> Request {
        self.local_cseq = self.local_cseq.wrapping_add(1).min(0x7fff_ffff);
        let number = self.local_cseq;
        self.numbered(method, number)
    }

    /// The ACK to a 2xx for the INVITE with this CSeq number (section 13.2.2.4).
    pub fn ack(&self, cseq: u32) -> Request {
        self.numbered(Method::Ack, cseq)
    }

    /// Whether a request of the far end comes in its turn; notes its number (section 12.2.2).
    pub fn accept(&mut self, request: &Request) -> Result<(), OutOfOrder> {
        let number = request.headers.cseq().ok_or(OutOfOrder)?.number;
        if self.remote_cseq.is_some_and(|last| number <= last) {
            return Err(OutOfOrder);
        }
        self.remote_cseq = Some(number);
        Ok(())
    }

    /// Takes the Contact of a target refresh: a re-INVITE, or a 2xx to one (sections 12.2.1.2 and 12.2.2).
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(contact) = headers.contact() {
            self.remote_target = contact.uri;
        }
    }

    /// Takes what the 2xx that confirms an early dialog says: its route set is the one that counts (section 13.2.2.4).
    pub fn confirm(&mut self, response: &Response) {
        self.route_set = response.headers.record_route();
        self.route_set.reverse();
        self.refresh_target(&response.headers);
    }

    /// Where requests go: the first proxy on the path, else the far end itself.
    pub fn next_hop(&self) -> &Uri {
        self.route_set.first().map_or(&self.remote_target, |route| &route.uri)
    }

    fn numbered(&self, method: Method, number: u32) -> Request {
        let strict = self
            .route_set
            .first()
            .filter(|first| first.uri.sip().is_some_and(|sip| !sip.is_loose_router()));
        let uri = match strict {
            Some(first) => without_headers(&first.uri),
            None => without_headers(&self.remote_target),
        };
        let mut request = Request::new(method.clone(), uri);
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        for route in self.route_set.iter().skip(usize::from(strict.is_some())) {
            headers.push("Route", route);
        }
        if strict.is_some() {
            // A strict router (RFC 2543) finds the far end in the last Route (section 12.2.1.1).
            headers.push("Route", NameAddr::new(self.remote_target.clone()));
        }
        headers.push("From", &self.local);
        headers.push("To", &self.remote);
        headers.push("Call-ID", &self.id.call_id);
        headers.push("CSeq", CSeq::new(number, method));
        if is_nobody(&self.local) {
            // Who called without a name does not get one by a later word (RFC 3325 section 9.3).
            headers.push("Privacy", "id");
        }
        request
    }
}

/// The name of a caller who stays unknown (RFC 3323 section 4.1.1.3).
pub(crate) fn is_nobody(who: &NameAddr) -> bool {
    matches!(who.uri.host(), Some(Host::Name(name)) if name.eq_ignore_ascii_case("anonymous.invalid"))
}

/// A Request-URI carries neither header fields nor a `method` (section 19.1.1, table 1).
fn without_headers(uri: &Uri) -> Uri {
    match uri {
        Uri::Sip(sip) => {
            let mut sip: SipUri = sip.clone();
            sip.headers.clear();
            sip.params.remove("method");
            Uri::Sip(sip)
        }
        other => other.clone(),
    }
}
