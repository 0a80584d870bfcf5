//! One pitch period less or more, joined where the waves are alike: how the depth of the buffer is corrected unheard.

use super::conceal::likeness;

/// Waves at least this alike are joined; when it is urgent, the most alike ones, whatever they are.
const ALIKE: f32 = 0.85;
/// No sample louder than this: nobody hears a cut.
const QUIET: u16 = 200;
/// What is cut from or added to quiet sound, in milliseconds.
const QUIET_MS: usize = 10;
/// Two waves are blended over 1/200 s; a pitch period is between 1/400 and 1/50 s.
const BLEND_PART: usize = 200;
const SHORTEST_PART: usize = 400;
const LONGEST_PART: usize = 50;
/// More samples a second than this are not compared one by one.
const COMPARED_RATE: usize = 8000;

/// Takes a pitch period out of the sound; `false` when it would be heard.
pub(super) fn shorten(real: &mut Vec<i16>, rate: u32, urgent: bool) -> bool {
    let rate = rate as usize;
    let (blended, shortest) = (rate / BLEND_PART, rate / SHORTEST_PART);
    let most = real.len().saturating_sub(blended).min(rate / LONGEST_PART);
    let period = if is_quiet(real) {
        (QUIET_MS * rate / 1000).min(most)
    } else {
        let head = real.get(..blended).unwrap_or(&[]);
        let found = most_alike(shortest..=most, rate, head, |lag| real.get(lag..lag + blended));
        match found {
            Some((lag, likeness)) if urgent || likeness >= ALIKE => lag,
            _ => return false,
        }
    };
    if period < shortest.max(1) {
        return false;
    }
    for n in 0..blended {
        let (Some(&before), Some(&after)) = (real.get(n), real.get(n + period)) else {
            return false;
        };
        if let Some(slot) = real.get_mut(n + period) {
            *slot = blend(before, after, n, blended);
        }
    }
    real.drain(..period);
    true
}

/// Repeats the last pitch period of what was heard before the sound; `false` when it would be heard.
pub(super) fn lengthen(history: &[i16], real: &mut Vec<i16>, rate: u32, urgent: bool) -> bool {
    let rate = rate as usize;
    let blended = rate / BLEND_PART;
    let Some(head) = real.get(..blended) else { return false };
    let end = history.len();
    let most = end.min(rate / LONGEST_PART);
    let period = if is_quiet(real) && is_quiet(&history[end - most..]) {
        (QUIET_MS * rate / 1000).min(most)
    } else {
        let found = most_alike(blended..=most, rate, head, |lag| {
            history.get(end - lag..end - lag + blended)
        });
        match found {
            Some((lag, likeness)) if urgent || likeness >= ALIKE => lag,
            _ => return false,
        }
    };
    if period < blended.max(1) {
        return false;
    }
    let mut longer = Vec::with_capacity(period + real.len());
    longer.extend_from_slice(&history[end - period..]);
    for (n, (slot, &wanted)) in longer.iter_mut().zip(head).enumerate() {
        *slot = blend(wanted, *slot, n, blended);
    }
    longer.append(real);
    *real = longer;
    true
}

fn is_quiet(sound: &[i16]) -> bool {
    sound.iter().all(|sample| sample.unsigned_abs() <= QUIET)
}

fn most_alike<'a>(
    lags: std::ops::RangeInclusive<usize>,
    rate: usize,
    head: &[i16],
    stretch: impl Fn(usize) -> Option<&'a [i16]>,
) -> Option<(usize, f32)> {
    let stride = (rate / COMPARED_RATE).max(1);
    let thin = |sound: &[i16]| -> Vec<i16> { sound.iter().step_by(stride).copied().collect() };
    let head = thin(head);
    lags.step_by(stride)
        .filter_map(|lag| Some((lag, likeness(&head, &thin(stretch(lag)?)))))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

fn blend(from: i16, to: i16, n: usize, length: usize) -> i16 {
    let (n, whole) = (n as i32 + 1, length as i32 + 1);
    ((i32::from(from) * (whole - n) + i32::from(to) * n) / whole) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(from: usize, count: usize) -> Vec<i16> {
        let wave = |n: usize| ((n as f32 * 250.0 * std::f32::consts::TAU / 8000.0).sin() * 8000.0) as i16;
        (from..from + count).map(wave).collect()
    }

    fn largest_step(sound: &[i16]) -> i32 {
        sound
            .windows(2)
            .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs())
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn a_tone_is_shortened_and_lengthened_without_a_click() {
        let smooth = largest_step(&tone(0, 480));
        let (before, mut after) = (tone(0, 320), tone(320, 160));
        assert!(shorten(&mut after, 8000, false));
        assert!(after.len() < 160);
        assert!(largest_step(&[before.clone(), after].concat()) <= smooth * 11 / 10);

        let mut after = tone(320, 160);
        assert!(lengthen(&before, &mut after, 8000, false));
        assert!(after.len() > 160);
        assert!(largest_step(&[before, after].concat()) <= smooth * 11 / 10);
    }

    #[test]
    fn noise_is_left_alone_unless_it_is_urgent() {
        let mut state = 1u32;
        let mut noise = |count| -> Vec<i16> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 18) as i16 - 8192
            };
            (0..count).map(|_| next()).collect()
        };
        let (history, mut real) = (noise(480), noise(160));
        assert!(!shorten(&mut real, 8000, false));
        assert!(!lengthen(&history, &mut real, 8000, false));
        assert_eq!(real.len(), 160);
        assert!(shorten(&mut real, 8000, true));
        assert!(!shorten(&mut vec![9000; 10], 8000, true));
    }
}
