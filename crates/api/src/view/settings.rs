//! Settings and sound devices.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What a person has set. Saved as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
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
    /// What is done to voices.
    pub voice: VoiceSettings,
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
            voice: VoiceSettings::default(),
        }
    }
}

/// Which calls are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
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

/// What is done to voices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct VoiceSettings {
    /// Takes what the loudspeaker plays out of what the microphone hears.
    pub cancel_echo: bool,
    /// Takes noise out of what we say.
    pub noise: NoiseReduction,
    /// Brings our own voice to a good loudness.
    pub gain: bool,
    /// Guards the ear from bangs and shrieks.
    pub limit_shocks: bool,
    /// Brings callers to one loudness.
    pub level_callers: bool,
    /// Takes noise out of what callers say.
    pub clean_callers: bool,
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self {
            cancel_echo: true,
            noise: NoiseReduction::Normal,
            gain: true,
            limit_shocks: true,
            level_callers: true,
            clean_callers: false,
        }
    }
}

/// How much noise is taken out of what we say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoiseReduction {
    /// None.
    Off,
    /// A fan, a street.
    Normal,
    /// A loud room; the voice may sound thinner.
    Strong,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What closing the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// Hides to the tray where there is one, else asks.
    Ask,
    /// Hides.
    Hide,
    /// Quits.
    Quit,
}

/// Sound devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundView {
    /// All that can record.
    pub inputs: Vec<SoundDevice>,
    /// All that can play.
    pub outputs: Vec<SoundDevice>,
    /// Chosen microphone; absent follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub microphone: Option<String>,
    /// Chosen speaker; absent follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub speaker: Option<String>,
    /// Chosen device for ringing; absent follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ring: Option<String>,
    /// Chosen second device for ringing; absent rings on one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub second_ring: Option<String>,
    /// What is wanted for each purpose, the most wanted first.
    pub orders: Vec<SoundOrder>,
    /// What is in use.
    pub in_use: Vec<SoundInUse>,
    /// A test of the microphone that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub test: Option<SoundTest>,
    /// There is no sound card: calls run on a silent device.
    pub silent: bool,
}

/// The devices for one purpose, the most wanted first; those that are not connected too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundOrder {
    /// The purpose.
    pub role: SoundRole,
    /// The devices; after the last one comes the system's own.
    pub devices: Vec<SoundDevice>,
}

/// A device that is in use, or was last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundInUse {
    /// For what.
    pub role: SoundRole,
    /// Which one.
    pub device: SoundDevice,
    /// It stands in for the most wanted one, which is not connected.
    pub instead: bool,
}

/// Where a test of the microphone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundTest {
    /// It records.
    Recording,
    /// It plays what the microphone heard.
    Before,
    /// It plays what callers would hear.
    After,
}

/// A sound device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundDevice {
    /// Stable name of the host.
    pub id: String,
    /// For people.
    pub name: String,
}

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundRole {
    /// Speaking.
    Microphone,
    /// Listening.
    Speaker,
    /// Ringing.
    Ring,
    /// Ringing, on a second device.
    SecondRing,
}
