//! Asking a colleague, connecting two calls, talking with several: what the switchboard decides, on its way to the wire.
use super::outgoing::How;
use super::{Core, call_view, dial, words};
use crate::{NoticeLevel, Refusal, Reply};
use parley_call::{CallId, Refused, Signal, TransferProgress, TransferState};

/// The standing notice of a transfer that came to nothing.
const FAILED: &str = "transfer_failed";

impl Core {
    /// Calls a colleague about a call, on the same line.
    pub(super) fn consult(&mut self, about: CallId, target: &str) -> Result<Reply, Refusal> {
        let target = dial::read(target)?;
        let call = self
            .calls
            .get(&about)
            .ok_or_else(|| words::refused(Refused::NoSuchCall))?;
        let (account, who) = (call.account, call.shown_name());
        let how = How {
            story: format!("You called {} about {who}", target.shown()),
            ..How::default()
        };
        self.call_out(account, &target, how, |board, now, outgoing| {
            board.consult(now, about, outgoing)
        })
    }

    /// Brings calls together.
    pub(super) fn confer(&mut self, calls: Vec<u64>) -> Result<Reply, Refusal> {
        let calls: Vec<CallId> = calls.into_iter().map(CallId).collect();
        self.board.confer(self.now.instant, &calls).map_err(words::refused)?;
        calls
            .into_iter()
            .for_each(|call| self.tell(call, "Together in a conference"));
        Ok(Reply::Done)
    }

    /// Asks the far end of a call to take our place in another one.
    pub(super) fn join(&mut self, id: CallId, other: CallId) {
        let session = |call| self.calls.get(&call).and_then(|call| call.session);
        let asked = match (session(id), session(other)) {
            (Some(one), Some(two)) => self
                .sip
                .refer_replacing(self.now.instant, one, two)
                .map_err(|why| why.to_string()),
            _ => Err("one of the two calls is over".to_owned()),
        };
        match asked {
            Ok(()) => self.tell(id, "Asked the far end to go over to the other call"),
            Err(why) => {
                log::info!("two calls could not be connected: {why}");
                let reason = "The two calls cannot be connected now".to_owned();
                self.signal(id, Signal::Transfer(TransferProgress::Failed { reason }));
            }
        }
    }

    /// A transfer that came to nothing is said aloud: the person may be looking elsewhere by now.
    pub(super) fn mind_transfer(&mut self, id: CallId) {
        let transfer = self.board.call(id).and_then(|call| call.transfer);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let under_way = |state: &TransferState| matches!(state, TransferState::Pending | TransferState::Ringing);
        let before = std::mem::replace(
            &mut call.transferring,
            transfer.as_ref().is_some_and(|transfer| under_way(&transfer.state)),
        );
        match transfer {
            Some(transfer) if before && matches!(transfer.state, TransferState::Failed(_)) => {
                let text = call_view::transfer_text(&transfer.state, &transfer.target, &call.shown_name());
                self.notice(FAILED, NoticeLevel::Warning, text);
            }
            Some(transfer) if !before && under_way(&transfer.state) => self.no_notice(FAILED),
            _ => {}
        }
    }
}
