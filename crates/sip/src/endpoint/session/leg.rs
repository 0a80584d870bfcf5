//! One dialog of a call with what its two ends agreed on.

use crate::dialog::Dialog;
use crate::transaction::{ClientKey, ServerKey};
use crate::{Headers, Request};

/// A dialog, early or confirmed, and the session description in it. A call that forks has one for each phone that rings.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) dialog: Dialog,
    pub(super) change: Change,
    pub(super) glare: Option<Glare>,
    /// The last description we sent.
    pub(super) local_sdp: Vec<u8>,
    /// The last description they sent; before there is an answer, what it will be by their word.
    pub(super) remote_sdp: Option<Vec<u8>>,
    /// The same, if it answers an offer of ours (or will).
    pub(super) answer: Option<Vec<u8>>,
    /// The far end takes UPDATE, by its Allow (RFC 3311 section 4).
    pub(super) updates: bool,
    /// The last reliable provisional answer that came: CSeq of the INVITE, RSeq (RFC 3262 section 4).
    pub(super) reached: Option<(u32, u32)>,
}

/// What is under way about the session description (RFC 3264, RFC 3261 section 14, RFC 3262 section 5, RFC 3311
/// section 5). "Answer" and "offer" in a provisional answer count only when that is reliable.
///
/// ```text
/// Change    on                            does                                becomes
/// Owing     our 1xx or 2xx with answer    -                                   Settled
///           our 1xx or 2xx with offer     - (their INVITE had none)           Offering
///           their 1xx or 2xx with offer   Reoffered (our INVITE had none)     Asked
///           UPDATE with offer             500 with Retry-After                Owing
/// Offering  answer in 1xx, PRACK, 2xx,    Progress, ReofferAccepted,          Settled
///           ACK                           Answered, Confirmed
///           UPDATE with offer, re-INVITE  491                                 Offering
/// Settled   reoffer, confirmed            re-INVITE                           Sent
///           reoffer, early or before ACK  UPDATE                              Sent
///           re-INVITE, or UPDATE or PRACK Reoffered                           Asked
///           with offer
///           our address changed           wants an offer                      OfferDue
/// OfferDue  offer                         re-INVITE                           Sent
///           re-INVITE, UPDATE with offer  491                                 OfferDue
/// Sent      2xx                           (ACK,) ReofferAccepted              Settled
///           491, 500 with Retry-After     alarm Glare, then again             Settled
///           405, 501 to UPDATE            as re-INVITE if confirmed           Sent
///           1xx and no more               CANCEL, ReofferRefused              Settled
///           408, 481, none                BYE, Lost (confirmed)               (call gone)
///           300-699                       ReofferRefused                      Settled
///           re-INVITE, UPDATE with offer  491                                 Sent
/// Asked     answer_reoffer                200 to it, PRACK or ACK with it     Settled
///           refuse_reoffer                that code                           Settled
///           nobody answers                504 to UPDATE and PRACK             Settled
///           re-INVITE, UPDATE with offer  500 with Retry-After                Asked
/// ```
///
/// UPDATE without offer changes nothing here: it is answered in every state. Beside all this a 2xx of ours may wait for
/// its ACK; a re-INVITE counts as the ACK unless that owes us an answer (491).
#[derive(Debug)]
pub(super) enum Change {
    Owing,
    Offering,
    Settled,
    OfferDue,
    Sent(Offer),
    Asked(Ask),
}

/// Where the answer to an offer of theirs goes.
#[derive(Debug)]
pub(super) enum Ask {
    /// Into our answer to this re-INVITE, UPDATE or PRACK.
    Request { key: ServerKey, request: Box<Request> },
    /// Into the PRACK for the provisional answer that carried the offer.
    Prack { cseq: u32, rseq: u32 },
    /// Into the ACK for the 2xx that carried the offer.
    Ack { invite: ClientKey },
}

/// A description to offer in a re-INVITE or UPDATE.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) sdp: Vec<u8>,
    /// Only to show that we are still there: nobody above asked for it.
    pub(super) refresh: bool,
    /// What a reliable provisional answer said to it already (RFC 6141 section 3.2).
    pub(super) answer: Option<Vec<u8>>,
    /// The far end said that it thinks about it.
    pub(super) heard_of: bool,
    /// How often the far end asked to try again.
    pub(super) tries: u8,
}

/// An offer to make again when the pause after glare is over.
#[derive(Debug)]
pub(super) struct Glare {
    pub(super) offer: Offer,
    /// The far end changed the session meanwhile: the offer has to be made anew.
    pub(super) overtaken: bool,
}

impl Leg {
    pub(super) fn new(dialog: Dialog, change: Change) -> Self {
        Self {
            dialog,
            change,
            glare: None,
            local_sdp: Vec::new(),
            remote_sdp: None,
            answer: None,
            updates: false,
            reached: None,
        }
    }

    /// Moves out of an incoming call that is being answered.
    pub(super) fn take(&mut self) -> Self {
        let empty = Self::new(self.dialog.clone(), Change::Settled);
        std::mem::replace(self, empty)
    }

    /// Notes what the far end can do.
    pub(super) fn learn(&mut self, headers: &Headers) {
        if headers.has("Allow") {
            self.updates = headers.allow().contains(&"UPDATE");
        }
    }

    /// Whether nothing about the description is under way.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.change, Change::Settled)
    }

    /// Both descriptions after an offer of ours was answered.
    pub(super) fn agree(&mut self, local: Vec<u8>, remote: Option<Vec<u8>>) {
        self.change = Change::Settled;
        self.local_sdp = local;
        if remote.is_some() {
            self.hear(remote);
        }
    }

    /// An answer of theirs, or what will be one.
    pub(super) fn hear(&mut self, answer: Option<Vec<u8>>) {
        self.remote_sdp.clone_from(&answer);
        self.answer = answer;
    }
}

impl Offer {
    pub(super) fn new(sdp: Vec<u8>) -> Self {
        Self {
            sdp,
            refresh: false,
            answer: None,
            heard_of: false,
            tries: 0,
        }
    }

    pub(super) fn refreshing(sdp: Vec<u8>) -> Self {
        Self {
            refresh: true,
            ..Self::new(sdp)
        }
    }
}
