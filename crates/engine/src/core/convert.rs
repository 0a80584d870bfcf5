//! Words of the store and of the call machine as words of the views, and back. Nothing is decided here.
use crate::{
    AudioCodec, ConsultRole, Direction, Encryption, EndReason, HistoryEntry, KeyMethod, MessageOutcome, MessageView,
    OnClose, Outcome, PopLogEntry, PopMode, PopOutcome, PopRule, PopTrigger, ReferralPolicy, RingLevel, Settings,
    Theme, Transport,
};

/// Two enums that say the same, variant by variant.
macro_rules! same_words {
    ($($theirs:path = $ours:ident { $($variant:ident),+ $(,)? })+) => { $(
        impl From<$theirs> for $ours {
            fn from(word: $theirs) -> Self {
                match word { $(<$theirs>::$variant => Self::$variant),+ }
            }
        }
        impl From<$ours> for $theirs {
            fn from(word: $ours) -> Self {
                match word { $($ours::$variant => Self::$variant),+ }
            }
        }
    )+ };
}

same_words! {
    parley_store::Direction = Direction { Incoming, Outgoing }
    parley_call::Direction = Direction { Incoming, Outgoing }
    parley_call::RingLevel = RingLevel { Off, Subtle, Normal }
    parley_store::Outcome = Outcome { InProgress, Answered, Missed, Declined, Cancelled, Failed, AnsweredElsewhere, Forwarded, Interrupted }
    parley_store::Referrals = ReferralPolicy { Ask, Always, Never }
    parley_store::AudioCodec = AudioCodec { Opus, G722, Pcma, Pcmu, G729 }
    parley_store::KeyMethod = KeyMethod { Events, Info, Tones }
    parley_store::Encryption = Encryption { Off, Preferred, Required }
    parley_call::ConsultRole = ConsultRole { Waiting, Asked }
    parley_store::Transport = Transport { Auto, Udp, Tcp, Tls, Ws, Wss }
    parley_store::PopMode = PopMode { OnIncoming, AfterAnswer, Manual, Disabled }
    parley_store::PopTrigger = PopTrigger { Incoming, Answered, Manual }
    parley_store::MessageOutcome = MessageOutcome { Received, Sending, Delivered, Accepted, Failed, Unknown }
    parley_store::Theme = Theme { System, Light, Dark }
    parley_store::OnClose = OnClose { Ask, Hide, Quit }
}

impl From<parley_store::PopOutcome> for PopOutcome {
    fn from(outcome: parley_store::PopOutcome) -> Self {
        match outcome {
            parley_store::PopOutcome::Opening => Self::Opening,
            parley_store::PopOutcome::Opened { millis } => Self::Opened { millis },
            parley_store::PopOutcome::Failed { text } => Self::Failed { text },
        }
    }
}

impl From<parley_store::PopEntry> for PopLogEntry {
    fn from(entry: parley_store::PopEntry) -> Self {
        Self {
            id: entry.id.0,
            entry: entry.pop.entry.0,
            caller: entry.pop.caller,
            at: entry.pop.at,
            trigger: entry.pop.trigger.into(),
            target: entry.pop.target,
            outcome: entry.outcome.into(),
        }
    }
}

impl From<parley_store::Message> for MessageView {
    fn from(message: parley_store::Message) -> Self {
        let data = message.data;
        Self {
            id: message.id.0,
            account: data.account.0,
            line: data.line,
            peer: data.peer,
            name: data.name,
            number: data.number,
            incoming: data.incoming,
            text: data.text,
            at: data.at,
            outcome: message.outcome.into(),
            reason: message.reason,
            unseen: message.unseen,
        }
    }
}

impl From<parley_store::PopRule> for PopRule {
    fn from(rule: parley_store::PopRule) -> Self {
        Self {
            account: rule.account.0,
            mode: rule.mode.into(),
            target: rule.target,
        }
    }
}

impl From<PopRule> for parley_store::PopRule {
    fn from(rule: PopRule) -> Self {
        Self {
            account: parley_store::AccountId(rule.account),
            mode: rule.mode.into(),
            target: rule.target,
        }
    }
}

impl From<parley_store::Quality> for crate::CallQuality {
    fn from(quality: parley_store::Quality) -> Self {
        Self {
            codec: quality.codec,
            mos_hundredths: quality.mos_hundredths,
            made_up_permille: quality.made_up_permille,
            jitter_ms: quality.jitter_ms,
            round_trip_ms: quality.round_trip_ms,
        }
    }
}

impl From<parley_store::Entry> for HistoryEntry {
    fn from(entry: parley_store::Entry) -> Self {
        Self {
            id: entry.id.0,
            account: entry.account.0,
            line: entry.line,
            direction: entry.direction.into(),
            outcome: entry.outcome.into(),
            name: entry.name,
            number: entry.number,
            address: entry.address,
            reached: entry.reached,
            called: entry.called,
            started_at: entry.started_at,
            talk_seconds: entry.talk_seconds,
            ring_seconds: entry.ring_seconds,
            reason: entry.reason,
            pop: entry.pop,
            unseen: entry.unseen,
            can_call_back: entry.can_call_back,
            follows: entry.follows.map(|entry| entry.0),
            quality: entry.quality.map(|quality| (*quality).into()),
        }
    }
}

impl From<parley_store::Settings> for Settings {
    fn from(settings: parley_store::Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            mute_calls_during_call: settings.mute_calls_during_call,
            allowed_schemes: settings.allowed_schemes,
            custom_parameters: settings.custom_parameters,
            dial_links_at_once: settings.dial_links_at_once,
            on_close: settings.on_close.into(),
            ring_volume: settings.ring_volume,
            alert_unreachable: settings.alert_unreachable,
            emergency_numbers: settings.emergency_numbers,
        }
    }
}

impl From<Settings> for parley_store::Settings {
    fn from(settings: Settings) -> Self {
        Self {
            theme: settings.theme.into(),
            mute_calls_during_call: settings.mute_calls_during_call,
            allowed_schemes: settings.allowed_schemes,
            custom_parameters: settings.custom_parameters,
            dial_links_at_once: settings.dial_links_at_once,
            on_close: settings.on_close.into(),
            ring_volume: settings.ring_volume,
            alert_unreachable: settings.alert_unreachable,
            emergency_numbers: settings.emergency_numbers,
        }
    }
}

/// What media is told.
pub(crate) fn ring_for_media(level: parley_call::RingLevel) -> parley_media::RingLevel {
    match level {
        parley_call::RingLevel::Off => parley_media::RingLevel::Off,
        parley_call::RingLevel::Subtle => parley_media::RingLevel::Subtle,
        parley_call::RingLevel::Normal => parley_media::RingLevel::Normal,
    }
}

/// What media is told.
pub(crate) fn tone_for_media(tone: parley_call::Tone) -> parley_media::Tone {
    match tone {
        parley_call::Tone::None => parley_media::Tone::None,
        parley_call::Tone::Ringback => parley_media::Tone::Ringback,
        parley_call::Tone::Busy => parley_media::Tone::Busy,
        parley_call::Tone::Congestion => parley_media::Tone::Congestion,
    }
}

/// How a call went, for the history.
pub(crate) fn outcome(outcome: parley_call::Outcome) -> parley_store::Outcome {
    use parley_call::Outcome as Call;
    match outcome {
        Call::Answered => parley_store::Outcome::Answered,
        Call::Missed { .. } => parley_store::Outcome::Missed,
        Call::Declined => parley_store::Outcome::Declined,
        Call::Cancelled => parley_store::Outcome::Cancelled,
        Call::Failed => parley_store::Outcome::Failed,
        Call::AnsweredElsewhere => parley_store::Outcome::AnsweredElsewhere,
        Call::Forwarded => parley_store::Outcome::Forwarded,
    }
}

/// Why a call ended, for programs.
pub(crate) fn end_reason(cause: &parley_call::Cause) -> EndReason {
    use parley_call::{By, Cause};
    match cause {
        Cause::HungUp(By::Us) => EndReason::HungUpHere,
        Cause::HungUp(By::Them) => EndReason::HungUpThere,
        Cause::Cancelled => EndReason::Cancelled,
        Cause::GaveUp | Cause::Engaged => EndReason::Missed,
        Cause::DeclinedHere => EndReason::Declined,
        Cause::AnsweredElsewhere => EndReason::AnsweredElsewhere,
        Cause::DoNotDisturb => EndReason::DoNotDisturb,
        Cause::Busy => EndReason::Busy,
        Cause::Declined => EndReason::Refused,
        Cause::NotFound => EndReason::NotFound,
        Cause::Unavailable => EndReason::Unavailable,
        Cause::NoAnswer => EndReason::NoAnswer,
        Cause::Forbidden => EndReason::Forbidden,
        Cause::NotAcceptable => EndReason::NoCommonCodec,
        Cause::ServerError => EndReason::ServerError,
        Cause::Unreachable | Cause::Lost => EndReason::Lost,
        Cause::Transferred { .. } => EndReason::Transferred,
        Cause::Forwarded { .. } => EndReason::Forwarded,
        Cause::Redirected { .. } => EndReason::Redirected,
        Cause::Replaced => EndReason::Replaced,
        Cause::Other(_) => EndReason::Other,
    }
}
