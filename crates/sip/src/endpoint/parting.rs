//! The words that end something: ACK after a 2xx, BYE, CANCEL, and what is left of a call nobody waits for any more.

use std::time::Instant;

use crate::dialog::Dialog;
use crate::transaction::ClientKey;
use crate::{Method, Response};

use super::request::{Acked, Outgoing, Purpose};
use super::session::MOST_EARLY;
use super::{AccountId, Endpoint, Flow, Reason};

impl Endpoint {
    /// Sends the ACK to a 2xx along the dialog, with the credentials of the INVITE (RFC 3261 section 13.2.2.4), and with the
    /// answer when the 2xx made the offer.
    pub(super) fn send_ack(&mut self, now: Instant, invite: ClientKey, dialog: &Dialog, answer: Option<Vec<u8>>) {
        let Some(sent) = self.sent.get_mut(&invite) else { return };
        let Some(cseq) = sent.outgoing.request.headers.cseq() else {
            return;
        };
        sent.acks.push(Acked {
            tag: dialog.id.remote_tag.clone(),
            sent: None,
        });
        let mut ack = dialog.ack(cseq.number);
        for name in ["Authorization", "Proxy-Authorization"] {
            for value in sent.outgoing.request.headers.get_all(name) {
                ack.headers.push(name, value);
            }
        }
        if let Some(answer) = answer {
            ack.set_body("application/sdp", answer);
        }
        let (account, flow) = (sent.outgoing.account, sent.flow);
        let way = self.way_to(account, dialog.next_hop(), Some(flow));
        let purpose = Purpose::Ack {
            invite,
            tag: dialog.id.remote_tag.clone(),
        };
        self.dispatch(now, way, Outgoing::new(purpose, account, ack));
    }

    /// Ends a dialog with BYE and forgets it.
    pub(super) fn send_bye(
        &mut self,
        now: Instant,
        account: AccountId,
        mut dialog: Dialog,
        flow: Option<Flow>,
        reason: Option<&Reason>,
    ) {
        let mut bye = dialog.request(Method::Bye);
        if let Some(reason) = reason {
            bye.headers.push("Reason", reason);
        }
        self.introduce(&mut bye.headers);
        let way = self.way_to(account, dialog.next_hop(), flow);
        let mut outgoing = Outgoing::new(Purpose::Farewell, account, bye);
        outgoing.in_home_call = self.leads_home(account, flow);
        self.dispatch(now, way, outgoing);
    }

    /// Gives up an INVITE that nobody waits for any more.
    pub(super) fn abandon(&mut self, now: Instant, invite: ClientKey, reason: Option<Reason>) {
        let cancelled = self.layer.may_cancel(invite);
        if let Some(sent) = self.sent.get_mut(&invite) {
            sent.outgoing.purpose = Purpose::Abandoned {
                cancelled,
                reason: reason.clone(),
            };
            // Whatever becomes of it here, it goes nowhere else.
            sent.outgoing.search = None;
        }
        if cancelled {
            self.send_cancel(now, invite, reason);
        }
    }

    pub(super) fn send_cancel(&mut self, now: Instant, invite: ClientKey, reason: Option<Reason>) {
        let extra: Vec<_> = reason
            .map(|reason| ("Reason", reason.to_string()))
            .into_iter()
            .collect();
        self.layer.cancel(now, invite, &extra);
    }

    /// An answer to an INVITE nobody waits for any more.
    pub(super) fn abandoned_answer(
        &mut self,
        now: Instant,
        key: ClientKey,
        cancelled: bool,
        reason: Option<Reason>,
        response: &Response,
    ) {
        let Some(sent) = self.sent.get_mut(&key) else { return };
        match response.code() {
            100..=199 if !cancelled => {
                sent.outgoing.purpose = Purpose::Abandoned {
                    cancelled: true,
                    reason: reason.clone(),
                };
                self.send_cancel(now, key, reason);
            }
            200..=299 if sent.acks.len() < MOST_EARLY => {
                let (account, flow) = (sent.outgoing.account, sent.flow);
                let Some(dialog) = sent.dialog_of(response) else {
                    return;
                };
                self.send_ack(now, key, &dialog, None);
                self.send_bye(now, account, dialog, Some(flow), reason.as_ref());
            }
            _ => {}
        }
    }
}
