//! One thread for each role opens and holds its stream: opening may take seconds and must delay nobody.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig};

use super::{Capture, End, Notice, Playback, Reporter, Used, host};
use crate::params::{AudioRole, DeviceDirection, DeviceId};
use crate::resample::RATE;

/// A sound server that does not answer within this time is taken for gone.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a broken default device is left alone.
const RECOVERY: Duration = Duration::from_millis(500);

/// What a worker is asked to do; the newest request counts.
pub(super) enum Work {
    /// Open the first of these devices that can be opened, else the default one if that may step in; after a pause when
    /// one has just broken.
    Open {
        generation: u64,
        order: Vec<DeviceId>,
        or_default: bool,
        pause: bool,
    },
    /// Close the stream.
    Close,
}

/// Starts the thread of a role.
pub(super) fn start(role: AudioRole, reporter: Reporter) -> std::io::Result<Sender<Work>> {
    let (sender, receiver) = channel();
    let name = match role {
        AudioRole::Microphone => "parley-mic",
        AudioRole::Speaker => "parley-speaker",
        AudioRole::Ring => "parley-ring",
        AudioRole::SecondRing => "parley-ring-2",
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || run(role, &reporter, &receiver))?;
    Ok(sender)
}

/// Whether a role records or plays.
pub(super) fn direction(role: AudioRole) -> DeviceDirection {
    match role {
        AudioRole::Microphone => DeviceDirection::Input,
        AudioRole::Speaker | AudioRole::Ring | AudioRole::SecondRing => DeviceDirection::Output,
    }
}

fn run(role: AudioRole, reporter: &Reporter, work: &Receiver<Work>) {
    let mut _stream = None;
    while let Ok(first) = work.recv() {
        let newest = work.try_iter().last().unwrap_or(first);
        _stream = None;
        if let Work::Open {
            generation,
            order,
            or_default,
            pause,
        } = newest
        {
            if pause {
                std::thread::sleep(RECOVERY);
            }
            _stream = open_best(role, generation, (&order, or_default), reporter);
        }
    }
}

/// The first device of the order that can be opened, else the default, else none; the desk is told each step.
fn open_best(
    role: AudioRole,
    generation: u64,
    (order, or_default): (&[DeviceId], bool),
    reporter: &Reporter,
) -> Option<Stream> {
    let Some(host) = host::open() else {
        reporter.tell(Notice::Absent { role, generation });
        return None;
    };
    let found = host::find(&host, order, direction(role));
    let default = || host::default(&host, direction(role)).filter(|_| or_default);
    let candidates = found.into_iter().map(|(place, device)| (Some(place), device));
    for (place, device) in candidates.chain(std::iter::once_with(default).flatten().map(|device| (None, device))) {
        match open(role, generation, &device, reporter) {
            Ok((stream, end)) => {
                let id = device.id().map_or_else(|_| String::new(), |id| id.to_string());
                let device = Used {
                    id: DeviceId(id),
                    name: host::name(&device),
                    place,
                };
                reporter.tell(Notice::Opened {
                    role,
                    generation,
                    end,
                    device,
                });
                return Some(stream);
            }
            Err(why) => {
                log::warn!("a sound device could not be opened for {role:?}: {why}");
                reporter.tell(Notice::Failed { role, generation, why });
            }
        }
    }
    reporter.tell(Notice::Absent { role, generation });
    None
}

/// First as we like it best, at the device's own rate so that sound is converted only once; then as the device likes it.
fn open(role: AudioRole, generation: u64, device: &cpal::Device, reporter: &Reporter) -> Result<(Stream, End), String> {
    let theirs = match direction(role) {
        DeviceDirection::Input => device.default_input_config(),
        DeviceDirection::Output => device.default_output_config(),
    };
    let sample_rate = theirs.as_ref().map_or(RATE, |theirs| theirs.sample_rate());
    let buffer_size = BufferSize::Fixed(sample_rate / 50);
    let ours = StreamConfig {
        channels: 1,
        sample_rate,
        buffer_size,
    };
    let mut last = match build(role, generation, device, ours, SampleFormat::F32, reporter) {
        Ok(opened) => return Ok(opened),
        Err(error) => error,
    };
    let theirs = theirs.map_err(|error| format!("{last}; {error}"))?;
    let mut config = theirs.config();
    for buffer_size in [buffer_size, BufferSize::Default] {
        config.buffer_size = buffer_size;
        match build(role, generation, device, config, theirs.sample_format(), reporter) {
            Ok(opened) => return Ok(opened),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn build(
    role: AudioRole,
    generation: u64,
    device: &cpal::Device,
    config: StreamConfig,
    format: SampleFormat,
    reporter: &Reporter,
) -> Result<(Stream, End), String> {
    let failed = failure_reporter(role, generation, reporter.clone());
    let opened = match (direction(role), format) {
        (DeviceDirection::Input, SampleFormat::F32) => record::<f32>(device, config, failed),
        (DeviceDirection::Input, SampleFormat::I16) => record::<i16>(device, config, failed),
        (DeviceDirection::Input, SampleFormat::U16) => record::<u16>(device, config, failed),
        (DeviceDirection::Input, SampleFormat::I32) => record::<i32>(device, config, failed),
        (DeviceDirection::Output, SampleFormat::F32) => play::<f32>(device, config, failed),
        (DeviceDirection::Output, SampleFormat::I16) => play::<i16>(device, config, failed),
        (DeviceDirection::Output, SampleFormat::U16) => play::<u16>(device, config, failed),
        (DeviceDirection::Output, SampleFormat::I32) => play::<i32>(device, config, failed),
        _ => return Err(format!("samples of the kind {format} are not supported")),
    };
    let (stream, end) = opened?;
    stream.play().map_err(|error| error.to_string())?;
    Ok((stream, end))
}

fn record<T>(
    device: &cpal::Device,
    config: StreamConfig,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<(Stream, End), String>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let (mut recorder, capture) = Capture::new(config.sample_rate, config.channels).ok_or("an odd sampling rate")?;
    let callback = move |data: &[T], _: &cpal::InputCallbackInfo| recorder.take(data, f32::from_sample_);
    let stream = device
        .build_input_stream(config, callback, failed, Some(PATIENCE))
        .map_err(|error| error.to_string())?;
    Ok((stream, End::Capture(Box::new(capture))))
}

fn play<T>(
    device: &cpal::Device,
    config: StreamConfig,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<(Stream, End), String>
where
    T: SizedSample + FromSample<f32>,
{
    let (mut player, playback) = Playback::new(config.sample_rate, config.channels).ok_or("an odd sampling rate")?;
    let callback = move |data: &mut [T], _: &cpal::OutputCallbackInfo| player.give(data, T::from_sample_);
    let stream = device
        .build_output_stream(config, callback, failed, Some(PATIENCE))
        .map_err(|error| error.to_string())?;
    Ok((stream, End::Playback(Box::new(playback))))
}

/// Tells the desk, once, when a stream is beyond help.
fn failure_reporter(role: AudioRole, generation: u64, reporter: Reporter) -> impl FnMut(cpal::Error) + Send + 'static {
    let mut told = false;
    move |error| {
        let passing = matches!(
            error.kind(),
            ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied
        );
        if !passing && !std::mem::replace(&mut told, true) {
            reporter.tell(Notice::Lost {
                role,
                generation,
                why: error.to_string(),
            });
        }
    }
}
