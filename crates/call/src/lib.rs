//! One call and the switchboard of many. Knows no SIP word and does no IO.
//!
//! A person's [`Command`] may be [`Refused`]; the far end's [`Signal`] never is: late, repeated or absurd ones are ignored
//! on purpose. Both come in at [`Switchboard`] with the time; what the engine must do comes out as [`Effect`]s.
//!
//! ```
//! use parley_call::{Command, Effect, LineId, Outgoing, Party, Policy, Send, Signal, Switchboard};
//! # let now = std::time::Instant::now();
//! let mut board = Switchboard::new(Policy::default());
//! let call = board.dial(now, Outgoing::new(LineId(1), Party::number("600"))).unwrap();
//! assert!(std::iter::from_fn(|| board.poll()).any(|effect| effect == Effect::Send(call, Send::Invite)));
//! board.signal(now, call, Signal::Answered);
//! assert_eq!(board.focus(), [call]);
//! board.command(now, call, Command::HangUp).unwrap();
//! ```
//!
//! Out of scope here: everything a wire, a disk or a device does; in a conference also the mixing of sound.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod call;
mod command;
mod effect;
mod forwarding;
mod party;
mod policy;
mod signal;
mod switchboard;
mod view;

pub use command::{Command, OnAnswer, Refused};
pub use effect::{
    Effect, HistoryNote, MediaAction, Moment, Outcome, ReferralProgress, Rejection, RingLevel, Send, Tone,
};
pub use forwarding::{BusyForward, Forwarding, LateForward};
pub use party::{CallId, Direction, Invitation, LineId, Outgoing, Party};
pub use policy::Policy;
pub use signal::{By, Cause, Signal, TransferProgress};
pub use switchboard::Switchboard;
pub use view::{CallState, CallView, ConsultRole, ConsultView, End, ReferralView, TransferState, TransferView};
