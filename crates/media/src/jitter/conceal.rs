//! Sound for packets that never came: the last pitch period goes on and fades, as G.711 appendix I does it.

/// Samples of past sound kept: 60 ms at 8 kHz.
const HISTORY: usize = 480;
/// The shortest and the longest pitch period looked for: 400 Hz to 50 Hz at 8 kHz.
const LAG: std::ops::RangeInclusive<usize> = 20..=160;
/// Samples compared when looking for the pitch.
const COMPARED: usize = 160;
/// Full loudness for this many samples, then down to silence at [`SILENT`].
const LOUD: usize = 80;
const SILENT: usize = 560;
/// Samples over which made-up sound becomes real sound again.
const BLEND: usize = 40;

/// Remembers what was heard and goes on with it.
#[derive(Debug)]
pub(super) struct Concealer {
    history: Vec<i16>,
    /// Made-up samples since the last real one, with the period that is being repeated.
    run: usize,
    period: Vec<i16>,
}

impl Concealer {
    pub(super) fn new() -> Self {
        Concealer {
            history: vec![0; HISTORY],
            run: 0,
            period: Vec::new(),
        }
    }

    /// Forgets everything: what follows is another stream.
    pub(super) fn reset(&mut self) {
        *self = Concealer::new();
    }

    /// How many samples have been made up in a row.
    pub(super) fn run(&self) -> usize {
        self.run
    }

    /// What was heard last, oldest first.
    pub(super) fn history(&self) -> &[i16] {
        &self.history
    }

    /// These samples are heard now.
    pub(super) fn heard(&mut self, samples: &[i16]) {
        let keep = samples.len().min(HISTORY);
        self.history.drain(..keep.min(self.history.len()));
        self.history.extend(samples.iter().skip(samples.len() - keep));
    }

    /// Makes up `count` samples.
    pub(super) fn produce(&mut self, count: usize, mut out: impl FnMut(i16)) {
        if self.run == 0 {
            let (lag, _) = pitch(&self.history);
            self.period.clear();
            self.period.extend(self.history.iter().skip(self.history.len() - lag));
        }
        for _ in 0..count {
            out(self.next_sample());
        }
    }

    /// Blends what was being made up into the beginning of real sound.
    pub(super) fn recover(&mut self, real: &mut [i16]) {
        if self.run == 0 {
            return;
        }
        let blend = BLEND.min(real.len());
        for (n, sample) in real.iter_mut().take(blend).enumerate() {
            let made_up = i32::from(self.next_sample());
            let (n, whole) = (n as i32 + 1, blend as i32 + 1);
            *sample = ((i32::from(*sample) * n + made_up * (whole - n)) / whole) as i16;
        }
        self.run = 0;
    }

    fn next_sample(&mut self) -> i16 {
        let sample = self
            .period
            .get(self.run % self.period.len().max(1))
            .copied()
            .unwrap_or(0);
        let faded = match self.run {
            run if run < LOUD => i32::from(sample),
            run if run < SILENT => i32::from(sample) * (SILENT - run) as i32 / (SILENT - LOUD) as i32,
            _ => 0,
        };
        self.run = self.run.saturating_add(1);
        faded as i16
    }
}

/// The pitch period at the end of `samples` and how well it repeats, 0.0 to 1.0.
pub(super) fn pitch(samples: &[i16]) -> (usize, f32) {
    let mut best = (*LAG.start(), 0.0f32);
    let end = samples.len();
    if end < COMPARED + LAG.end() {
        return best;
    }
    let newest = &samples[end - COMPARED..];
    for lag in LAG {
        let likeness = likeness(newest, &samples[end - COMPARED - lag..end - lag]);
        // A multiple of the period fits as well: the shorter one wins unless the longer is clearly better.
        if likeness > best.1 + 0.01 {
            best = (lag, likeness);
        }
    }
    best
}

/// Normalised correlation of two stretches of the same length.
pub(super) fn likeness(a: &[i16], b: &[i16]) -> f32 {
    let (mut product, mut energy_a, mut energy_b) = (0i64, 1i64, 1i64);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (i64::from(*a), i64::from(*b));
        product += a * b;
        energy_a += a * a;
        energy_b += b * b;
    }
    (product as f64 / ((energy_a as f64) * (energy_b as f64)).sqrt()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, count: usize) -> Vec<i16> {
        (0..count)
            .map(|n| ((n as f32 * hertz * std::f32::consts::TAU / 8000.0).sin() * 8000.0) as i16)
            .collect()
    }

    #[test]
    fn a_tone_goes_on_in_phase_and_fades_to_silence() {
        let tone = tone(200.0, 1200);
        let mut concealer = Concealer::new();
        concealer.heard(&tone[..HISTORY]);
        let mut made_up = Vec::new();
        concealer.produce(640, |sample| made_up.push(sample));
        assert!(likeness(&made_up[..80], &tone[HISTORY..HISTORY + 80]) > 0.99);
        assert!(made_up[600..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn silence_and_short_stretches_have_a_pitch_too() {
        assert_eq!(pitch(&[]).0, 20);
        assert_eq!(pitch(&[0; HISTORY]).0, 20);
        assert_eq!(pitch(&tone(100.0, HISTORY)).0, 80);
    }
}
