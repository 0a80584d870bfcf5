//! The voice engine of WebRTC, as `sonora` has it: echo canceller, noise suppressor, gain control.

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate, NoiseSuppression,
    NoiseSuppressionLevel, Pipeline,
};
use sonora::{AudioProcessing, Config, StreamConfig};

use crate::device::Frame;
use crate::params::{NoiseReduction, VoiceSettings};
use crate::resample::{FRAME, RATE};

/// What is done to our own voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    echo: bool,
    noise: NoiseReduction,
    gain: bool,
}

impl Wanted {
    pub(super) fn any(self) -> bool {
        self.echo || self.gain || self.noise != NoiseReduction::Off
    }
}

/// The way from our microphone.
pub(super) struct Outgoing {
    engine: AudioProcessing,
}

impl Outgoing {
    pub(super) fn wants(settings: &VoiceSettings) -> Wanted {
        Wanted {
            echo: settings.cancel_echo,
            noise: settings.noise,
            gain: settings.gain,
        }
    }

    pub(super) fn new(settings: &VoiceSettings) -> Outgoing {
        let config = Config {
            echo_canceller: settings.cancel_echo.then(EchoCanceller::default),
            noise_suppression: suppression(settings.noise),
            gain_controller2: settings.gain.then(gain),
            ..base()
        };
        Outgoing { engine: engine(config) }
    }

    /// What the loudspeaker is about to play.
    pub(super) fn heard(&mut self, frame: &Frame) {
        let mut unused = [0.0; FRAME];
        if let Err(error) = self.engine.process_render_f32(&[&frame[..]], &mut [&mut unused[..]]) {
            log::debug!("the far end for the echo canceller: {error:?}");
        }
    }

    /// What the microphone heard; is made into what the far end is to hear.
    pub(super) fn said(&mut self, frame: &mut Frame) {
        run(&mut self.engine, frame);
    }
}

/// Takes the noise out of what callers say.
pub(super) struct Cleaner {
    engine: AudioProcessing,
}

impl Cleaner {
    pub(super) fn new() -> Cleaner {
        let config = Config {
            noise_suppression: suppression(NoiseReduction::Normal),
            ..base()
        };
        Cleaner { engine: engine(config) }
    }

    pub(super) fn apply(&mut self, frame: &mut Frame) {
        run(&mut self.engine, frame);
    }
}

/// At less than 48 kHz inside, the top of Opus' band would be cut off.
fn base() -> Config {
    Config {
        pipeline: Pipeline {
            maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
            ..Pipeline::default()
        },
        high_pass_filter: Some(HighPassFilter::default()),
        ..Config::default()
    }
}

fn suppression(noise: NoiseReduction) -> Option<NoiseSuppression> {
    let level = match noise {
        NoiseReduction::Off => return None,
        NoiseReduction::Normal => NoiseSuppressionLevel::Moderate,
        NoiseReduction::Strong => NoiseSuppressionLevel::VeryHigh,
    };
    Some(NoiseSuppression {
        level,
        ..NoiseSuppression::default()
    })
}

/// By itself the gain controller does nothing: its adaptive half has to be asked for. A headset is loud enough as a rule,
/// so it begins low, and a whisper is not raised to a shout.
fn gain() -> GainController2 {
    GainController2 {
        adaptive_digital: Some(AdaptiveDigital {
            initial_gain_db: 3.0,
            max_gain_db: 24.0,
            ..AdaptiveDigital::default()
        }),
        ..GainController2::default()
    }
}

fn engine(config: Config) -> AudioProcessing {
    let mono = StreamConfig::new(RATE, 1);
    AudioProcessing::builder()
        .config(config)
        .capture_config(mono)
        .render_config(mono)
        .build()
}

/// A frame that cannot be processed stays as it was.
fn run(engine: &mut AudioProcessing, frame: &mut Frame) {
    let mut made = [0.0; FRAME];
    match engine.process_capture_f32(&[&frame[..]], &mut [&mut made[..]]) {
        Ok(()) => *frame = made,
        Err(error) => log::debug!("voice processing: {error:?}"),
    }
}
