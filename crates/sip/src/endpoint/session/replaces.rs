//! An INVITE that takes over a call of ours (RFC 3891 section 3).

use crate::Request;

use super::super::{AccountId, DialogName, Endpoint, SessionId};
use super::{Session, State};

/// Dialogs that ended lately and are remembered by their names.
const MOST_GONE: usize = 64;

impl Endpoint {
    /// The call that an INVITE takes over; the code to answer when it cannot.
    pub(super) fn replaced_by(&self, account: AccountId, request: &Request) -> Result<Option<SessionId>, u16> {
        if !request.headers.has("Replaces") {
            return Ok(None);
        }
        let wanted = request.headers.replaces().ok_or(400_u16)?;
        // An RFC 2543 element without tag is named by 0 (section 6.1).
        let from_tag = if wanted.from_tag == "0" { "" } else { &wanted.from_tag };
        let is_it = |tag: &str| tag == wanted.from_tag || tag == from_tag;
        let name = (wanted.call_id.clone(), wanted.to_tag.clone());
        let Some(id) = self.by_dialog.get(&name).copied() else {
            let gone = self.gone.iter().any(|gone| {
                (&gone.call_id, &gone.local_tag) == (&wanted.call_id, &wanted.to_tag) && is_it(&gone.remote_tag)
            });
            return Err(if gone { 603 } else { 481 });
        };
        let session = self.sessions.get(&id).filter(|session| session.account == account);
        match session.map(|session| &session.state) {
            Some(State::Up(up)) if is_it(&up.leg.dialog.id.remote_tag) => {
                if wanted.early_only {
                    Err(486)
                } else {
                    Ok(Some(id))
                }
            }
            Some(State::Leaving(leaving)) if is_it(&leaving.dialog.id.remote_tag) => Err(603),
            // Only who made a call may be asked to give it to somebody else before it is answered.
            Some(State::Calling(calling)) if calling.early.iter().any(|leg| is_it(&leg.dialog.id.remote_tag)) => {
                Ok(Some(id))
            }
            _ => Err(481),
        }
    }

    /// Remembers the name of a dialog that is no more.
    pub(super) fn note_gone(&mut self, session: &Session) {
        let id = match &session.state {
            State::Up(up) => &up.leg.dialog.id,
            State::Leaving(leaving) => &leaving.dialog.id,
            _ => return,
        };
        if self.gone.len() >= MOST_GONE {
            self.gone.pop_front();
        }
        self.gone.push_back(DialogName {
            call_id: id.call_id.clone(),
            local_tag: id.local_tag.clone(),
            remote_tag: id.remote_tag.clone(),
        });
    }
}
