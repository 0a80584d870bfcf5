//! Settings and sound devices.
use std::collections::BTreeMap;

/// What a person has set. Saved as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// A second call does not ring at all.
    pub mute_calls_during_call: bool,
    /// Schemes a screen pop may use besides http and https.
    pub allowed_schemes: Vec<String>,
    /// The user's own parameters: name (`[A-Za-z0-9_]+`) to value, for `$name$`.
    pub custom_parameters: BTreeMap<String, String>,
    /// `tel:` and `sip:` links dial at once instead of filling the dial field.
    pub dial_links_at_once: bool,
    /// What closing the window does.
    pub on_close: OnClose,
    /// Ringtone volume, per cent.
    pub ring_volume: u8,
    /// A line that callers do not reach is heard on the ring device.
    pub alert_unreachable: bool,
    /// Numbers of emergency services. No rule stands in the way of calling them, and their calls back always ring.
    pub emergency_numbers: Vec<String>,
    /// Which calls are recorded.
    pub record_calls: RecordPolicy,
    /// A beep tells both ends that a call is recorded.
    pub announce_recording: bool,
    /// Those on hold hear a tune instead of silence.
    pub hold_tune: bool,
    /// How the ringtone sounds.
    pub ringtone: Ringtone,
    /// As in which country ringback and busy sound (ISO 3166-1 alpha-2); empty follows the system.
    pub tone_country: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            mute_calls_during_call: false,
            allowed_schemes: Vec::new(),
            custom_parameters: BTreeMap::new(),
            dial_links_at_once: false,
            on_close: OnClose::Ask,
            ring_volume: 80,
            alert_unreachable: true,
            emergency_numbers: ["112", "911", "999", "000"].map(str::to_owned).to_vec(),
            record_calls: RecordPolicy::OnRequest,
            announce_recording: true,
            hold_tune: true,
            ringtone: Ringtone::Marimba,
            tone_country: String::new(),
        }
    }
}

/// Which calls are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RecordPolicy {
    /// None, and nobody can begin to.
    Never,
    /// Those for which the person says so.
    #[default]
    OnRequest,
    /// All of them, from the answer on.
    Always,
}

/// How the ringtone sounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ringtone {
    /// A phrase on a marimba.
    #[default]
    Marimba,
    /// The bell of an old telephone.
    Bell,
    /// Two soft chimes.
    Chime,
    /// The warble of an office telephone.
    Warble,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What closing the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnClose {
    /// Hides to the tray where there is one, else asks.
    Ask,
    /// Hides.
    Hide,
    /// Quits.
    Quit,
}

/// Sound devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundView {
    /// All that can record.
    pub inputs: Vec<SoundDevice>,
    /// All that can play.
    pub outputs: Vec<SoundDevice>,
    /// Chosen microphone; absent follows the system.
    pub microphone: Option<String>,
    /// Chosen speaker; absent follows the system.
    pub speaker: Option<String>,
    /// Chosen device for ringing; absent follows the system.
    pub ring: Option<String>,
    /// There is no sound card: calls run on a silent device.
    pub silent: bool,
}

/// A sound device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundDevice {
    /// Stable name of the host.
    pub id: String,
    /// For people.
    pub name: String,
}

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundRole {
    /// Speaking.
    Microphone,
    /// Listening.
    Speaker,
    /// Ringing.
    Ring,
}
