//! What the SIP endpoint reports about others: presence, the calls of watched lines, voicemail, messages.
use super::Core;
use parley_sip::endpoint::Event;

impl Core {
    pub(super) fn news(&mut self, event: Event) {
        let _ = event;
    }
}
