//! What the person and the house have decided beforehand.
use std::time::Duration;

/// The rules of the switchboard. A changed policy counts from the next event on; running calls keep ringing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Calls in are turned away as busy, without sound or screen pop. Calling out works.
    pub do_not_disturb: bool,
    /// A call that comes in during another one does not ring at all.
    pub mute_second_ring: bool,
    /// Without it, calls that come in during another one are turned away as busy.
    pub call_waiting: bool,
    /// Calls that live at once, at most.
    pub max_calls: usize,
    /// An outgoing call nobody answers ends after this long.
    pub dial_give_up: Duration,
    /// An incoming call nobody answers or cancels ends after this long.
    pub ring_give_up: Duration,
    /// An answered call whose media or confirmation does not get ready ends after this long.
    pub answer_give_up: Duration,
    /// A transfer without a result is taken back after this long.
    pub transfer_give_up: Duration,
    /// A far end that asks us to call somebody is refused after this long without the person's word. A request waits half
    /// a minute for its answer (RFC 3261, timer F).
    pub referral_give_up: Duration,
    /// A call is answered without a person after this long at the earliest: it is heard and seen before it hears.
    pub auto_answer_after: Duration,
    /// A connected call, not on hold, from which nothing is heard ends after this long.
    pub dead_after: Duration,
    /// An ended call stays visible for this long.
    pub show_ended: Duration,
    /// An ended call that was sent on stays visible for this long: a person has to decide.
    pub show_redirected: Duration,
    /// The tone after a failed call lasts this long.
    pub end_tone: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            do_not_disturb: false,
            mute_second_ring: false,
            call_waiting: true,
            max_calls: 8,
            dial_give_up: Duration::from_secs(180),
            ring_give_up: Duration::from_secs(300),
            answer_give_up: Duration::from_secs(35),
            transfer_give_up: Duration::from_secs(120),
            referral_give_up: Duration::from_secs(25),
            auto_answer_after: Duration::from_secs(1),
            dead_after: Duration::from_secs(60),
            show_ended: Duration::from_secs(10),
            show_redirected: Duration::from_secs(60),
            end_tone: Duration::from_secs(3),
        }
    }
}
