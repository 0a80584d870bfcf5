//! Who the lines are: how each meets a call, what it plays, and what it does by itself then.
use super::Play;
use crate::Sound;
use crate::config::LineTimes;
use std::time::Duration;

/// Park orbits: 700 to 709.
pub(crate) const ORBITS: u8 = 10;
/// A little more than the sound, so that its last word is heard.
const BREATH: Duration = Duration::from_millis(300);
/// From the answer of 611 to its goodbye.
const STIR: Duration = Duration::from_millis(1500);

/// Who a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// 600.
    Echo,
    /// 601.
    Customer,
    /// 602.
    Announcement,
    /// 603.
    Busy,
    /// 604.
    NoAnswer,
    /// 605: an announcement before the answer.
    EarlyMedia,
    /// 606: try 600 instead.
    Elsewhere,
    /// 607: transfers the caller to 602.
    Transferrer,
    /// 608: calls back and wants to be answered at once.
    Intercom,
    /// 609: puts the caller on hold again and again.
    Holder,
    /// 610: can be watched.
    Colleague,
    /// 611: lets somebody call 610.
    Stirrer,
    /// 612: the caller's own mailbox, to leave a message.
    Recorder,
    /// 613: the caller's own mailbox, to hear the messages.
    Voicemail,
    /// 614: refreshes the session again and again.
    Refresher,
    /// 700 to 709.
    Orbit(u8),
    /// The customer of 601, calling back.
    CallBack,
    /// 608, calling back.
    IntercomBack,
    /// Somebody who was transferred, parked or picked up.
    PassedOn,
}

/// How a line meets a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// Rings that long and answers.
    Ring(Duration),
    /// Rings that long; nobody is there.
    Nobody(Duration),
    /// Plays that long before it answers.
    Early(Duration),
    /// Refuses.
    Refuse(u16),
    /// Names somebody else.
    Elsewhere(&'static str),
}

/// What a line does by itself while it talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    HangUp,
    /// Puts the other side on hold, with music.
    Hold,
    /// Takes it back.
    Resume,
    /// Asks the other side to call that number instead.
    Transfer(&'static str),
    /// Says the session anew with a re-INVITE.
    Reinvite,
    /// Says with an UPDATE that it is still there.
    Update,
    /// Lets somebody call the colleague.
    Stir,
    /// The messages are heard.
    Heard,
}

/// What happens when the conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    /// It calls back as this line.
    CallBack(Line),
    /// A message is in the caller's mailbox.
    Message,
}

impl Line {
    /// The line with this number.
    pub(crate) fn with_number(number: &str) -> Option<Self> {
        let known = [
            Self::Echo,
            Self::Customer,
            Self::Announcement,
            Self::Busy,
            Self::NoAnswer,
            Self::EarlyMedia,
            Self::Elsewhere,
            Self::Transferrer,
            Self::Intercom,
            Self::Holder,
            Self::Colleague,
            Self::Stirrer,
            Self::Recorder,
            Self::Voicemail,
            Self::Refresher,
        ];
        let orbits = (0..ORBITS).map(Self::Orbit);
        known
            .into_iter()
            .chain(orbits)
            .find(|line| line.number().as_deref() == Some(number))
    }

    /// Its number, unless it only ever calls others.
    pub(crate) fn number(self) -> Option<String> {
        Some(match self {
            Self::Echo => "600".to_owned(),
            Self::Customer => "601".to_owned(),
            Self::Announcement => "602".to_owned(),
            Self::Busy => "603".to_owned(),
            Self::NoAnswer => "604".to_owned(),
            Self::EarlyMedia => "605".to_owned(),
            Self::Elsewhere => "606".to_owned(),
            Self::Transferrer => "607".to_owned(),
            Self::Intercom => "608".to_owned(),
            Self::Holder => "609".to_owned(),
            Self::Colleague => "610".to_owned(),
            Self::Stirrer => "611".to_owned(),
            Self::Recorder => "612".to_owned(),
            Self::Voicemail => "613".to_owned(),
            Self::Refresher => "614".to_owned(),
            Self::Orbit(orbit) => format!("7{orbit:02}"),
            Self::CallBack | Self::IntercomBack | Self::PassedOn => return None,
        })
    }

    /// What it is there for, for people.
    pub(crate) fn purpose(self) -> &'static str {
        match self {
            Self::Echo => "sends back what you say and what you write",
            Self::Customer => "a customer who hangs up and calls you back",
            Self::Announcement => "an announcement",
            Self::Busy => "always busy",
            Self::NoAnswer => "nobody ever answers",
            Self::EarlyMedia => "an announcement before the answer",
            Self::Elsewhere => "sends you to 600",
            Self::Transferrer => "transfers you to 602",
            Self::Intercom => "calls you back and wants to be answered at once",
            Self::Holder => "puts you on hold and takes you back",
            Self::Colleague => "Robin Lee, a colleague to watch",
            Self::Stirrer => "lets somebody call 610 for twenty seconds",
            Self::Recorder => "leaves a message in your mailbox",
            Self::Voicemail => "your mailbox",
            Self::Refresher => "refreshes the session every few seconds",
            Self::Orbit(_) => "a parking place for calls",
            Self::CallBack | Self::IntercomBack | Self::PassedOn => "somebody who calls",
        }
    }

    /// The name beside its number.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::CallBack | Self::PassedOn => Some("Maria Keller"),
            Self::IntercomBack => Some("Front door"),
            Self::Colleague => Some("Robin Lee"),
            _ => None,
        }
    }

    /// Whether others may watch it.
    pub(crate) fn is_watchable(self) -> bool {
        matches!(self, Self::Colleague | Self::Orbit(_))
    }

    pub(super) fn meeting(self, times: &LineTimes) -> Meeting {
        match self {
            Self::Busy => Meeting::Refuse(486),
            Self::NoAnswer => Meeting::Nobody(times.nobody),
            Self::EarlyMedia => Meeting::Early(times.pause),
            Self::Elsewhere => Meeting::Elsewhere("600"),
            Self::Colleague => Meeting::Ring(times.pause),
            Self::Orbit(_) | Self::PassedOn => Meeting::Ring(Duration::ZERO),
            _ => Meeting::Ring(times.ring),
        }
    }

    pub(super) fn play(self) -> Play {
        match self {
            Self::Echo | Self::Busy | Self::NoAnswer | Self::Elsewhere | Self::Holder | Self::Refresher => Play::Echo,
            Self::Colleague | Self::Recorder => Play::Echo,
            Self::Customer | Self::Intercom => Play::Sound(Sound::Greeting),
            Self::Announcement | Self::EarlyMedia | Self::Voicemail => Play::Sound(Sound::Announcement),
            Self::Transferrer | Self::Stirrer | Self::Orbit(_) => Play::Sound(Sound::Melody),
            Self::CallBack | Self::IntercomBack | Self::PassedOn => Play::Sound(Sound::Melody),
        }
    }

    /// What it does as number `step` since the answer, that long after the one before.
    pub(super) fn act(self, step: usize, times: &LineTimes) -> Option<(Duration, Act)> {
        let announcement = Sound::Announcement.length() + BREATH;
        let acts: &[(Duration, Act)] = match self {
            Self::Customer | Self::Intercom => &[(times.greeting, Act::HangUp)],
            Self::Announcement | Self::EarlyMedia => &[(announcement, Act::HangUp)],
            Self::CallBack | Self::IntercomBack | Self::PassedOn | Self::Recorder => &[(times.story, Act::HangUp)],
            Self::Transferrer => &[(times.pause, Act::Transfer("602")), (times.story, Act::HangUp)],
            Self::Stirrer => &[(Duration::ZERO, Act::Stir), (STIR, Act::HangUp)],
            Self::Voicemail => &[(Duration::ZERO, Act::Heard), (announcement, Act::HangUp)],
            Self::Orbit(_) => &[(times.park, Act::HangUp)],
            Self::Holder if step.is_multiple_of(2) => return Some((times.pause, Act::Hold)),
            Self::Holder => return Some((times.hold, Act::Resume)),
            Self::Refresher if step.is_multiple_of(2) => return Some((times.pause, Act::Reinvite)),
            Self::Refresher => return Some((times.pause, Act::Update)),
            Self::Echo | Self::Colleague | Self::Busy | Self::NoAnswer | Self::Elsewhere => &[],
        };
        acts.get(step).copied()
    }

    pub(super) fn after(self) -> After {
        match self {
            Self::Customer => After::CallBack(Self::CallBack),
            Self::Intercom => After::CallBack(Self::IntercomBack),
            Self::Recorder => After::Message,
            _ => After::Nothing,
        }
    }
}
