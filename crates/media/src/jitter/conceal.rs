//! Sound for packets that never came. While nothing is known of what follows, the last pitch period goes on and fades ([`produce`]).
//! When the packet after the gap is here, which is the rule behind a buffer, the gap is bridged from both sides ([`bridge`]): what
//! went before goes on forward, what follows goes on backward, both are bent so that their waves meet, and one fades into the other.
//!
//! [`produce`]: Concealer::produce
//! [`bridge`]: Concealer::bridge

/// Past sound kept, in milliseconds.
const HISTORY_MS: usize = 60;
/// The rate at which a pitch is looked for; higher rates are brought down to about this.
const SEARCH_RATE: usize = 8000;
/// The shortest and the longest pitch period looked for, in samples at [`SEARCH_RATE`]: 400 Hz to 50 Hz.
const LAG: std::ops::RangeInclusive<usize> = 20..=160;
/// Samples compared when looking for the pitch, at [`SEARCH_RATE`].
const COMPARED: usize = 160;
/// Full loudness for this long without news, then down to silence.
const LOUD_MS: usize = 10;
const SILENT_MS: usize = 70;
/// From both sides it may be louder for longer: something real stands at each end.
const BRIDGE_LOUD_MS: usize = 30;
const BRIDGE_SILENT_MS: usize = 120;
/// Over this time made-up sound becomes real sound again.
const BLEND_MS: usize = 5;
/// Waves this alike are bent to meet; others are as noise to each other and only fade.
const ALIKE: f32 = 0.5;

/// Remembers what was heard and goes on with it.
#[derive(Debug)]
pub(super) struct Concealer {
    rate: usize,
    history: Vec<i16>,
    /// Made-up samples since the last real one, with the period that is being repeated.
    run: usize,
    period: Vec<f32>,
    /// By how much the period's beginning misses what was heard last.
    step: f32,
    forward: Vec<f32>,
    backward: Vec<f32>,
}

impl Concealer {
    pub(super) fn new(rate: u32) -> Self {
        let rate = rate as usize;
        Concealer {
            rate,
            history: vec![0; HISTORY_MS * rate / 1000],
            run: 0,
            period: Vec::new(),
            step: 0.0,
            forward: Vec::new(),
            backward: Vec::new(),
        }
    }

    /// Forgets everything: what follows is another stream.
    pub(super) fn reset(&mut self) {
        self.history.fill(0);
        self.run = 0;
    }

    /// How many samples have been made up in a row.
    pub(super) fn run(&self) -> usize {
        self.run
    }

    /// So many samples have been made up by somebody who knows better.
    pub(super) fn made_up_elsewhere(&mut self, count: usize) {
        self.run = self.run.saturating_add(count);
        self.period.clear();
    }

    /// Real sound follows, joined by somebody who knows better.
    pub(super) fn joined(&mut self) {
        self.run = 0;
    }

    /// What was heard last, oldest first.
    pub(super) fn history(&self) -> &[i16] {
        &self.history
    }

    /// These samples are heard now.
    pub(super) fn heard(&mut self, samples: &[i16]) {
        let keep = samples.len().min(self.history.len());
        self.history.drain(..keep);
        self.history.extend(samples.iter().skip(samples.len() - keep));
    }

    /// Makes up `count` samples.
    pub(super) fn produce(&mut self, count: usize, mut out: impl FnMut(i16)) {
        if self.run == 0 || self.period.is_empty() {
            (self.period, self.step) = period(&self.history, self.rate);
        }
        for _ in 0..count {
            out(self.next_sample());
        }
    }

    /// Makes up the `gap` samples between what was heard and `future`; both ends meet it without a step.
    pub(super) fn bridge(&mut self, gap: usize, future: &[i16], out: &mut Vec<i16>) {
        let (reversed_past, reversed_future) = (reversed(&self.history), reversed(future));
        let mut forward = std::mem::take(&mut self.forward);
        let mut backward = std::mem::take(&mut self.backward);
        extend_to_meet(&self.history, future, gap, self.rate, &mut forward);
        extend_to_meet(&reversed_future, &reversed_past, gap, self.rate, &mut backward);
        backward.reverse();
        let alike = likeness(&forward, &backward).max(0.0);
        for (n, (ahead, behind)) in forward.iter().zip(&backward).enumerate() {
            // A raised cosine: each side rules near its own end.
            let share = 0.5 - 0.5 * ((n as f32 + 0.5) / gap as f32 * std::f32::consts::PI).cos();
            let (left, right) = (1.0 - share, share);
            // Sounds that do not agree would be weaker together than each alone.
            let together = (left * left + right * right + 2.0 * left * right * alike)
                .sqrt()
                .max(0.5);
            let ahead = ahead * self.loudness(self.run + n, BRIDGE_LOUD_MS, BRIDGE_SILENT_MS);
            let behind = behind * self.loudness(gap - n, BRIDGE_LOUD_MS, BRIDGE_SILENT_MS);
            out.push(((ahead * left + behind * right) / together) as i16);
        }
        (self.forward, self.backward) = (forward, backward);
        self.run = 0;
    }

    /// Blends what was being made up into the beginning of real sound.
    pub(super) fn recover(&mut self, real: &mut [i16]) {
        if self.run == 0 {
            return;
        }
        let blend = if self.period.is_empty() {
            0
        } else {
            (BLEND_MS * self.rate / 1000).min(real.len())
        };
        for (n, sample) in real.iter_mut().take(blend).enumerate() {
            let made_up = i32::from(self.next_sample());
            let (n, whole) = (n as i32 + 1, blend as i32 + 1);
            *sample = ((i32::from(*sample) * n + made_up * (whole - n)) / whole) as i16;
        }
        self.run = 0;
    }

    fn next_sample(&mut self) -> i16 {
        let sample = self.period.get(self.run % self.period.len().max(1)).copied();
        let sample = sample.unwrap_or(0.0) + self.step * eased(self.run, self.rate);
        let faded = sample * self.loudness(self.run, LOUD_MS, SILENT_MS);
        self.run = self.run.saturating_add(1);
        faded as i16
    }

    fn loudness(&self, away: usize, loud_ms: usize, silent_ms: usize) -> f32 {
        let (loud, silent) = (loud_ms * self.rate / 1000, silent_ms * self.rate / 1000);
        1.0 - (away.saturating_sub(loud) as f32 / (silent - loud) as f32).min(1.0)
    }
}

fn reversed(sound: &[i16]) -> Vec<i16> {
    sound.iter().rev().copied().collect()
}

/// From 1 to nothing within 2 ms: a step becomes a slope.
fn eased(n: usize, rate: usize) -> f32 {
    let length = (rate / 500) as f32;
    (1.0 - (n as f32 + 1.0) / length).max(0.0)
}

/// The last pitch period of a sound, its end bent so that it can be repeated, and how far its beginning is from the sound's end.
fn period(sound: &[i16], rate: usize) -> (Vec<f32>, f32) {
    let (lag, _) = pitch(sound, rate);
    let end = sound.len();
    if end < 2 * lag || lag == 0 {
        return (vec![0.0], 0.0);
    }
    let at = |index: usize| sound.get(index).map_or(0.0, |sample| f32::from(*sample));
    let mut period: Vec<f32> = (end - lag..end).map(at).collect();
    let bent = lag / 4;
    for n in 0..bent {
        let share = (n as f32 + 1.0) / (bent as f32 + 1.0);
        let place = lag - bent + n;
        if let Some(sample) = period.get_mut(place) {
            *sample = *sample * (1.0 - share) + at(end - 2 * lag + place) * share;
        }
    }
    (period, at(end - 1) - at(end - lag - 1))
}

/// Goes on with `past` for `gap` samples, bent so that it arrives at `future` with its wave in step.
fn extend_to_meet(past: &[i16], future: &[i16], gap: usize, rate: usize, out: &mut Vec<f32>) {
    out.clear();
    let (period, step) = period(past, rate);
    let lag = period.len();
    let compared = (2 * lag).min(future.len()).max(1);
    let slack = (lag / 2).min(gap / 3);
    let sample = |n: usize| period.get(n % lag).copied().unwrap_or(0.0);
    let target: Vec<f32> = future.iter().take(compared).map(|sample| f32::from(*sample)).collect();
    let stride = (rate / SEARCH_RATE).max(1);
    let mut best = (gap, 0.0f32);
    for arrival in (gap - slack..=gap + slack).step_by(stride) {
        let (mut product, mut ours, mut theirs) = (0.0f32, 1.0f32, 1.0f32);
        for (n, wanted) in target.iter().enumerate().step_by(stride) {
            let here = sample(arrival + n);
            product += here * wanted;
            ours += here * here;
            theirs += wanted * wanted;
        }
        // The less it has to be bent the better.
        let bent = arrival.abs_diff(gap) as f32 / (gap as f32 + 1.0);
        let likeness = product / (ours * theirs).sqrt() - 0.1 * bent;
        if likeness > best.1 {
            best = (arrival, likeness);
        }
    }
    let length = if best.1 >= ALIKE { best.0 } else { gap };
    let pace = length as f32 / gap.max(1) as f32;
    for n in 0..gap {
        let place = n as f32 * pace;
        let (whole, part) = (place as usize, place.fract());
        let between = sample(whole) * (1.0 - part) + sample(whole + 1) * part;
        out.push(between + step * eased(n, rate));
    }
}

/// The pitch period at the end of `samples` and how well it repeats, 0.0 to 1.0. Of a short stretch less is compared.
fn pitch(samples: &[i16], rate: usize) -> (usize, f32) {
    let stride = (rate / SEARCH_RATE).max(1);
    let coarse: Vec<f32> = samples
        .rchunks_exact(stride)
        .map(|chunk| chunk.iter().map(|sample| f32::from(*sample)).sum())
        .collect();
    // Newest first: likeness looks the same from behind.
    let compared = COMPARED.min(coarse.len() / 2);
    let mut best = ((*LAG.start()).min(coarse.len() / 2), 0.0f32);
    for lag in LAG {
        if compared + lag > coarse.len() || 2 * lag > coarse.len() {
            break;
        }
        let (Some(newest), Some(before)) = (coarse.get(..compared), coarse.get(lag..lag + compared)) else {
            break;
        };
        let likeness = likeness(newest, before);
        // A multiple of the period fits as well: the shorter one wins unless the longer is clearly better.
        if likeness > best.1 + 0.01 {
            best = (lag, likeness);
        }
    }
    (best.0 * stride, best.1)
}

/// Normalised correlation of two stretches of the same length.
pub(super) fn likeness<T: Copy + Into<f64>>(a: &[T], b: &[T]) -> f32 {
    let (mut product, mut energy_a, mut energy_b) = (0.0f64, 1.0f64, 1.0f64);
    for (a, b) in a.iter().zip(b) {
        let (a, b): (f64, f64) = ((*a).into(), (*b).into());
        product += a * b;
        energy_a += a * a;
        energy_b += b * b;
    }
    (product / (energy_a * energy_b).sqrt()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, rate: u32, count: usize) -> Vec<i16> {
        (0..count)
            .map(|n| ((n as f32 * hertz * std::f32::consts::TAU / rate as f32).sin() * 8000.0) as i16)
            .collect()
    }

    #[test]
    fn a_tone_goes_on_in_phase_and_fades_to_silence() {
        for rate in [8000, 16_000, 48_000] {
            let ms = rate as usize / 1000;
            let tone = tone(200.0, rate, 150 * ms);
            let mut concealer = Concealer::new(rate);
            concealer.heard(&tone[..60 * ms]);
            let mut made_up = Vec::new();
            concealer.produce(80 * ms, |sample| made_up.push(sample));
            assert!(likeness(&made_up[..10 * ms], &tone[60 * ms..70 * ms]) > 0.99, "{rate}");
            assert!(made_up[75 * ms..].iter().all(|&sample| sample == 0));
        }
    }

    #[test]
    fn a_gap_in_a_tone_that_glides_is_bridged_in_phase_with_both_sides() {
        for rate in [8000u32, 16_000, 48_000] {
            let ms = rate as usize / 1000;
            let mut turn = 0.0f32;
            let glide: Vec<i16> = (0..120 * ms)
                .map(|n| {
                    turn += (180.0 + n as f32 / ms as f32 * 0.15) / rate as f32;
                    ((turn * std::f32::consts::TAU).sin() * 8000.0) as i16
                })
                .collect();
            for gap in [20 * ms, 40 * ms] {
                let mut concealer = Concealer::new(rate);
                concealer.heard(&glide[..60 * ms]);
                let mut bridge = Vec::new();
                concealer.bridge(gap, &glide[60 * ms + gap..80 * ms + gap], &mut bridge);
                assert_eq!(bridge.len(), gap);
                let alike = likeness(&bridge, &glide[60 * ms..60 * ms + gap]);
                assert!(alike > 0.9, "{rate} {gap}: {alike}");
                let whole = [&glide[..60 * ms], &bridge, &glide[60 * ms + gap..80 * ms + gap]].concat();
                let largest = |sound: &[i16]| sound.windows(2).map(|two| two[0].abs_diff(two[1])).max();
                assert!(
                    largest(&whole).unwrap() < largest(&glide).unwrap() * 3 / 2,
                    "{rate} {gap}"
                );
            }
        }
    }

    #[test]
    fn silence_and_short_stretches_have_a_pitch_too() {
        assert_eq!(pitch(&[], 8000).0, 0);
        assert_eq!(pitch(&[0; 480], 8000).0, 20);
        assert_eq!(pitch(&tone(100.0, 8000, 480), 8000).0, 80);
        let mut bridge = Vec::new();
        for length in [0, 1, 5, 39] {
            Concealer::new(8000).bridge(7, &vec![100; length], &mut bridge);
        }
        assert_eq!(bridge.len(), 28);
    }
}
