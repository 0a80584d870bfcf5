//! Calls between lines: they are no calls on the wire, but those who watch a line see them.
use super::kind::Line;
use crate::wire::Wire;
use parley_sip::NameAddr;
use parley_sip::headers::ReplacesTarget;

/// A call that exists for watchers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) call_id: String,
    /// The tag of who calls.
    pub(crate) caller_tag: String,
    /// The tag of the watched line.
    pub(crate) callee_tag: String,
    pub(crate) caller: NameAddr,
    pub(crate) callee: NameAddr,
    /// The number of the watched line.
    pub(crate) number: String,
    /// It was answered; else it rings.
    pub(crate) up: bool,
}

impl Shown {
    /// Somebody calls `line`.
    pub(super) fn call_to(wire: &mut Wire, line: Line, up: bool) -> Self {
        let number = line.number().unwrap_or_default();
        let caller = NameAddr::new(wire.uri(super::outgoing::caller_of(Line::PassedOn)));
        let mut callee = NameAddr::new(wire.uri(&number));
        if let Some(name) = line.name() {
            callee = callee.with_name(name);
        }
        Self {
            call_id: wire.token(),
            caller_tag: wire.token(),
            callee_tag: wire.token(),
            caller: caller.with_name(Line::PassedOn.name().unwrap_or_default()),
            callee,
            number,
            up,
        }
    }

    /// Whether this is the call meant, from either side.
    pub(super) fn is(&self, target: &ReplacesTarget) -> bool {
        let tags = (target.to_tag.as_str(), target.from_tag.as_str());
        let (caller, callee) = (self.caller_tag.as_str(), self.callee_tag.as_str());
        self.call_id == target.call_id && (tags == (caller, callee) || tags == (callee, caller))
    }
}
