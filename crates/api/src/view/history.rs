//! Call history.
use super::call::Direction;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A call that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number; grows with time.
    pub id: u64,
    /// The line; it may be gone.
    pub account: u64,
    /// The line's name then.
    pub line: String,
    /// In or out.
    pub direction: Direction,
    /// How it went.
    pub outcome: Outcome,
    /// Display name, or empty.
    pub name: String,
    /// Number, or empty when withheld.
    pub number: String,
    /// Address to call back, or empty.
    pub address: String,
    /// Own number reached.
    pub reached: String,
    /// Number first dialled.
    pub called: String,
    /// When it began.
    pub started_at: i64,
    /// Talk time.
    pub talk_seconds: u32,
    /// Ring time.
    pub ring_seconds: u32,
    /// Why it failed or ended, for people; may be empty.
    pub reason: String,
    /// Target of the last screen pop, secrets masked; empty for none.
    pub pop: String,
    /// A missed call nobody has looked at.
    pub unseen: bool,
    /// Whether it can be called back.
    pub can_call_back: bool,
    /// Whether there is a recording; play it with `play_recording`.
    pub recorded: bool,
    /// The entry of the call that was sent on, because of which this one was made; it may be deleted since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub follows: Option<u64>,
    /// How it sounded; for none that was not talked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quality: Option<CallQuality>,
}

/// How a call sounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CallQuality {
    /// For people: "G.711 A-law", …
    pub codec: String,
    /// How people would rate it, in hundredths: 100 to 441 (ITU-T G.107).
    pub mos_hundredths: u32,
    /// Share of the sound that had to be made up, in thousandths.
    pub made_up_permille: u32,
    /// Interarrival jitter at its end.
    pub jitter_ms: u32,
    /// Round trip at its end, from RTCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub round_trip_ms: Option<u32>,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still going on.
    InProgress,
    /// Talked.
    Answered,
    /// They gave up, or do-not-disturb refused.
    Missed,
    /// We declined.
    Declined,
    /// We gave up before the answer.
    Cancelled,
    /// It did not come about.
    Failed,
    /// Another phone answered.
    AnsweredElsewhere,
    /// Sent on before it was answered here.
    Forwarded,
    /// Parley or the computer stopped during it.
    Interrupted,
}

/// What came in and nobody has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UnseenView {
    /// Missed calls.
    pub missed: u32,
    /// Messages.
    pub messages: u32,
}
