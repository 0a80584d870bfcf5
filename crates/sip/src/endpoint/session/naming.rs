//! Dialogs by their names, for those above.

use super::super::{DialogName, Endpoint, SessionId};
use super::State;

impl Endpoint {
    /// The dialog of a call, when there is one: early or confirmed; of several early ones, the latest.
    pub fn dialog_name(&self, session: SessionId) -> Option<DialogName> {
        let id = match &self.sessions.get(&session)?.state {
            State::Up(up) => &up.leg.dialog.id,
            State::Invited(invited) => &invited.leg.dialog.id,
            State::Leaving(leaving) => &leaving.dialog.id,
            State::Calling(calling) => &calling.early.last()?.dialog.id,
            State::Reaching(_) | State::OfferDue(_) => return None,
        };
        Some(DialogName {
            call_id: id.call_id.clone(),
            local_tag: id.local_tag.clone(),
            remote_tag: id.remote_tag.clone(),
        })
    }
}
