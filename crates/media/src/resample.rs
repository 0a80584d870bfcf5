//! From one sampling rate to another, and a little faster or slower to follow a clock that is not ours.

use std::collections::VecDeque;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable, Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// The rate at which everything is mixed, in hertz.
pub(crate) const RATE: u32 = 48_000;
/// Samples of a mixed frame: 10 ms.
pub(crate) const FRAME: usize = 480;

/// How far the ratio may be nudged from its nominal value.
const NUDGE: f64 = 0.01;

/// Between the rate of a codec and [`RATE`]; equal rates pass untouched.
pub(crate) struct RateChange(Option<Resampler>);

impl RateChange {
    /// `None` for rates that make no sense.
    pub(crate) fn new(from: u32, to: u32) -> Option<RateChange> {
        if from == to {
            return Some(RateChange(None));
        }
        Resampler::new(from, to).map(|resampler| RateChange(Some(resampler)))
    }

    /// Takes `input` and appends what can be made of it by now.
    pub(crate) fn process(&mut self, input: &[f32], out: &mut VecDeque<f32>) {
        match &mut self.0 {
            Some(resampler) => resampler.process(input, out),
            None => out.extend(input),
        }
    }
}

/// A band-limited resampler for one channel that takes and gives any number of samples.
pub(crate) struct Resampler {
    inner: Async<f32>,
    chunk: usize,
    waiting: Vec<f32>,
    made: Vec<f32>,
}

impl Resampler {
    /// `None` for rates that make no sense.
    pub(crate) fn new(from: u32, to: u32) -> Option<Resampler> {
        if !(4000..=384_000).contains(&from) || !(4000..=384_000).contains(&to) {
            return None;
        }
        // The filter spans about 64 samples of the slower side.
        let length = 64 * from.div_ceil(to).max(1) as usize;
        let parameters = SincInterpolationParameters::new(length, WindowFunction::BlackmanHarris2)
            .interpolation(SincInterpolationType::Linear)
            .oversampling_factor(128);
        let chunk = (from / 200).max(1) as usize;
        let ratio = f64::from(to) / f64::from(from);
        let inner = Async::new_sinc(ratio, 1.0 + NUDGE, &parameters, chunk, 1, FixedAsync::Input).ok()?;
        let made = vec![0.0; inner.output_frames_max()];
        Some(Resampler {
            inner,
            chunk,
            waiting: Vec::with_capacity(2 * chunk),
            made,
        })
    }

    /// Makes the output longer (above 1.0) or shorter (below) than nominal, gliding there.
    pub(crate) fn nudge(&mut self, relative: f64) {
        let relative = relative.clamp(1.0 - NUDGE * 0.9, 1.0 + NUDGE * 0.9);
        if let Err(error) = self.inner.set_resample_ratio_relative(relative, true) {
            log::debug!("resampling ratio {relative}: {error}");
        }
    }

    /// Takes `input` and appends what can be made of it by now.
    pub(crate) fn process(&mut self, input: &[f32], out: &mut VecDeque<f32>) {
        self.waiting.extend_from_slice(input);
        let mut used = 0;
        while let Some(chunk) = self.waiting.get(used..used + self.chunk) {
            let room = self.made.len();
            let made = match (
                InterleavedSlice::new(chunk, 1, self.chunk),
                InterleavedSlice::new_mut(&mut self.made, 1, room),
            ) {
                (Ok(from), Ok(mut into)) => self.inner.process_into_buffer(&from, &mut into, None),
                _ => break,
            };
            used += self.chunk;
            match made {
                Ok((_, count)) => out.extend(self.made.iter().take(count)),
                Err(error) => log::debug!("resampling: {error}"),
            }
        }
        self.waiting.drain(..used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{share_of_tone, tone};

    #[test]
    fn a_tone_keeps_its_pitch_and_its_strength_at_every_rate() {
        for (from, to) in [
            (8000, 48_000),
            (48_000, 8000),
            (48_000, 44_100),
            (44_100, 48_000),
            (16_000, 48_000),
        ] {
            let mut resampler = Resampler::new(from, to).unwrap();
            let mut out = VecDeque::new();
            let input = tone(1000.0, from, from as usize);
            input.chunks(77).for_each(|piece| resampler.process(piece, &mut out));
            let out: Vec<f32> = out.into_iter().skip(to as usize / 4).collect();
            assert!(out.len() > to as usize / 2, "{from} {to}");
            assert!(share_of_tone(&out, 1000.0, to) > 0.999, "{from} {to}");
            let peak = out.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.48..0.52).contains(&peak), "{from} {to}: {peak}");
        }
    }

    #[test]
    fn what_the_slower_side_cannot_carry_is_filtered_out() {
        let mut resampler = Resampler::new(48_000, 8000).unwrap();
        let mut out = VecDeque::new();
        resampler.process(&tone(6000.0, 48_000, 48_000), &mut out);
        let loudest = out
            .iter()
            .skip(1000)
            .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!(loudest < 0.005, "{loudest}");
    }

    #[test]
    fn nudging_makes_a_little_more_or_less() {
        let count = |relative| {
            let mut resampler = Resampler::new(48_000, 48_000).unwrap();
            resampler.nudge(relative);
            let mut out = VecDeque::new();
            resampler.process(&vec![0.0; 480_000], &mut out);
            out.len() as f64
        };
        assert!((count(1.002) / count(1.0) - 1.002).abs() < 0.0002);
        assert!((count(0.998) / count(1.0) - 0.998).abs() < 0.0002);
    }
}
