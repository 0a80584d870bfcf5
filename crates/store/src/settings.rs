//! What a person has set.
use crate::word::words;
use crate::{Store, StoreError};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// Numbers of emergency services in most of the world. Others that are short numbers in an office are left to the person.
const EMERGENCY: [&str; 4] = ["112", "911", "999", "000"];

/// What a person has set. Saved as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// A second call does not ring at all.
    pub mute_calls_during_call: bool,
    /// Schemes a screen pop may use besides http and https.
    pub allowed_schemes: Vec<String>,
    /// The user's own parameters: name to value.
    pub custom_parameters: BTreeMap<String, String>,
    /// `tel:` and `sip:` links dial at once.
    pub dial_links_at_once: bool,
    /// What closing the window does.
    pub on_close: OnClose,
    /// Ringtone volume, per cent, 0 to 100.
    pub ring_volume: u8,
    /// A line that callers do not reach is heard.
    pub alert_unreachable: bool,
    /// Numbers of emergency services: no rule stands in the way of calling them.
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
words!(RecordPolicy { Never = "never", OnRequest = "on_request", Always = "always" });

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
words!(Ringtone { Marimba = "marimba", Bell = "bell", Chime = "chime", Warble = "warble" });

/// What is done to voices.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseReduction {
    /// None.
    Off,
    /// A fan, a street.
    Normal,
    /// A loud room; the voice may sound thinner.
    Strong,
}
words!(NoiseReduction { Off = "off", Normal = "normal", Strong = "strong" });

/// Colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
words!(Theme { System = "system", Light = "light", Dark = "dark" });

/// What closing the window does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnClose {
    /// Asks, where there is no tray.
    #[default]
    Ask,
    /// Hides.
    Hide,
    /// Quits.
    Quit,
}
words!(OnClose { Ask = "ask", Hide = "hide", Quit = "quit" });

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
            emergency_numbers: EMERGENCY.map(str::to_owned).to_vec(),
            record_calls: RecordPolicy::OnRequest,
            announce_recording: true,
            hold_tune: true,
            ringtone: Ringtone::Marimba,
            tone_country: String::new(),
            voice: VoiceSettings::default(),
        }
    }
}

/// What a sound device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
words!(SoundRole { Microphone = "microphone", Speaker = "speaker", Ring = "ring", SecondRing = "second_ring" });

/// A device that was chosen once; its name is for the time when it is not connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDevice {
    /// The host's stable name.
    pub id: String,
    /// For people.
    pub name: String,
}

/// The chosen sound devices, the most wanted first; none follows the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoundChoice {
    /// Speaking.
    pub microphone: Vec<KnownDevice>,
    /// Listening.
    pub speaker: Vec<KnownDevice>,
    /// Ringing.
    pub ring: Vec<KnownDevice>,
    /// Ringing, on a second device.
    pub second_ring: Vec<KnownDevice>,
}

impl Store {
    /// The settings; what was never set, or cannot be read any more, has its default.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let default = Settings::default();
        let flag = |key| Ok::<_, StoreError>(self.value(key)?.map(|value| value == "true"));
        let schemes = self.value("allowed_schemes")?.unwrap_or_default();
        let mut find = self.db.prepare_cached("SELECT name, value FROM custom_parameter")?;
        let custom = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Settings {
            theme: self
                .value("theme")?
                .and_then(|word| Theme::from_word(&word))
                .unwrap_or(default.theme),
            mute_calls_during_call: flag("mute_calls_during_call")?.unwrap_or(default.mute_calls_during_call),
            allowed_schemes: schemes.lines().map(str::to_owned).collect(),
            custom_parameters: custom.collect::<Result<_, _>>()?,
            dial_links_at_once: flag("dial_links_at_once")?.unwrap_or(default.dial_links_at_once),
            on_close: self
                .value("on_close")?
                .and_then(|word| OnClose::from_word(&word))
                .unwrap_or(default.on_close),
            ring_volume: self
                .value("ring_volume")?
                .and_then(|volume| volume.parse().ok())
                .map_or(default.ring_volume, |volume: u8| volume.min(100)),
            alert_unreachable: flag("alert_unreachable")?.unwrap_or(default.alert_unreachable),
            record_calls: self
                .value("record_calls")?
                .and_then(|word| RecordPolicy::from_word(&word))
                .unwrap_or(default.record_calls),
            announce_recording: flag("announce_recording")?.unwrap_or(default.announce_recording),
            hold_tune: flag("hold_tune")?.unwrap_or(default.hold_tune),
            ringtone: self
                .value("ringtone")?
                .and_then(|word| Ringtone::from_word(&word))
                .unwrap_or(default.ringtone),
            tone_country: self.value("tone_country")?.unwrap_or(default.tone_country),
            voice: VoiceSettings {
                cancel_echo: flag("voice.cancel_echo")?.unwrap_or(default.voice.cancel_echo),
                noise: self
                    .value("voice.noise")?
                    .and_then(|word| NoiseReduction::from_word(&word))
                    .unwrap_or(default.voice.noise),
                gain: flag("voice.gain")?.unwrap_or(default.voice.gain),
                limit_shocks: flag("voice.limit_shocks")?.unwrap_or(default.voice.limit_shocks),
                level_callers: flag("voice.level_callers")?.unwrap_or(default.voice.level_callers),
                clean_callers: flag("voice.clean_callers")?.unwrap_or(default.voice.clean_callers),
            },
            emergency_numbers: self
                .value("emergency_numbers")?
                .map_or(default.emergency_numbers, |numbers| {
                    numbers.lines().map(str::to_owned).collect()
                }),
        })
    }

    /// Saves all settings, or none.
    pub fn save_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let change = self.db.transaction()?;
        for (key, value) in [
            ("theme", settings.theme.word().to_owned()),
            ("mute_calls_during_call", settings.mute_calls_during_call.to_string()),
            ("allowed_schemes", settings.allowed_schemes.join("\n")),
            ("dial_links_at_once", settings.dial_links_at_once.to_string()),
            ("on_close", settings.on_close.word().to_owned()),
            ("emergency_numbers", settings.emergency_numbers.join("\n")),
            ("record_calls", settings.record_calls.word().to_owned()),
            ("announce_recording", settings.announce_recording.to_string()),
            ("hold_tune", settings.hold_tune.to_string()),
            ("ringtone", settings.ringtone.word().to_owned()),
            ("tone_country", settings.tone_country.clone()),
            ("alert_unreachable", settings.alert_unreachable.to_string()),
            ("ring_volume", settings.ring_volume.min(100).to_string()),
            ("voice.cancel_echo", settings.voice.cancel_echo.to_string()),
            ("voice.noise", settings.voice.noise.word().to_owned()),
            ("voice.gain", settings.voice.gain.to_string()),
            ("voice.limit_shocks", settings.voice.limit_shocks.to_string()),
            ("voice.level_callers", settings.voice.level_callers.to_string()),
            ("voice.clean_callers", settings.voice.clean_callers.to_string()),
        ] {
            set(&change, key, Some(&value))?;
        }
        change.execute("DELETE FROM custom_parameter", [])?;
        for (name, value) in &settings.custom_parameters {
            change.execute(
                "INSERT INTO custom_parameter (name, value) VALUES (?1, ?2)",
                [name, value],
            )?;
        }
        change.commit()?;
        Ok(())
    }

    /// The chosen sound devices.
    pub fn sound_choice(&self) -> Result<SoundChoice, StoreError> {
        let device = |role: SoundRole| Ok::<_, StoreError>(self.value(&device_key(role))?.map_or_else(Vec::new, known));
        Ok(SoundChoice {
            microphone: device(SoundRole::Microphone)?,
            speaker: device(SoundRole::Speaker)?,
            ring: device(SoundRole::Ring)?,
            second_ring: device(SoundRole::SecondRing)?,
        })
    }

    /// Keeps the order of devices for a role; an empty one follows the system.
    pub fn choose_devices(&mut self, role: SoundRole, devices: &[KnownDevice]) -> Result<(), StoreError> {
        let plain = |text: &str| text.replace(['\t', '\n'], " ");
        let line = |device: &KnownDevice| format!("{}\t{}", plain(&device.id), plain(&device.name));
        let lines: Vec<String> = devices.iter().map(line).collect();
        let value = (!lines.is_empty()).then(|| lines.join("\n"));
        set(&self.db, &device_key(role), value.as_deref())
    }

    /// A small thing the app remembers by a name of its own (presence, dismissed notices, …).
    pub fn remembered(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.value(&format!("app.{key}"))
    }

    /// Remembers it; `None` forgets it.
    pub fn remember(&mut self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        set(&self.db, &format!("app.{key}"), value)
    }

    /// One row of the settings.
    pub(crate) fn value(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut find = self.db.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        Ok(find.query_row([key], |row| row.get(0)).optional()?)
    }
}

/// Writes one row of the settings, or takes it away.
pub(crate) fn set(db: &Connection, key: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => db.execute(
            "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )?,
        None => db.execute("DELETE FROM setting WHERE key = ?1", [key])?,
    };
    Ok(())
}

fn device_key(role: SoundRole) -> String {
    format!("device.{}", role.word())
}

/// One device a line; earlier versions wrote the id alone.
fn known(lines: String) -> Vec<KnownDevice> {
    let device = |line: &str| {
        let (id, name) = line.split_once('\t').unwrap_or((line, line));
        KnownDevice {
            id: id.to_owned(),
            name: name.to_owned(),
        }
    };
    lines.lines().map(device).collect()
}
