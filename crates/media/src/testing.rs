//! Tones to feed and to find again, and an allocator that watches, for tests.

#[global_allocator]
static WATCHED: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// How often `work` allocated or freed memory.
pub(crate) fn allocations(work: impl FnOnce()) -> u32 {
    assert_no_alloc::reset_violation_count();
    assert_no_alloc::assert_no_alloc(work);
    assert_no_alloc::violation_count()
}

/// A sine at half of full scale.
pub(crate) fn tone(hertz: f64, rate: u32, count: usize) -> Vec<f32> {
    let step = hertz * std::f64::consts::TAU / f64::from(rate);
    (0..count).map(|n| ((n as f64 * step).sin() * 0.5) as f32).collect()
}

/// The share of the energy that is at this frequency, 0.0 to 1.0.
pub(crate) fn share_of_tone(sound: &[f32], hertz: f64, rate: u32) -> f64 {
    let step = hertz * std::f64::consts::TAU / f64::from(rate);
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 1e-12);
    for (n, sample) in sound.iter().enumerate() {
        let (sample, angle) = (f64::from(*sample), n as f64 * step);
        sine += sample * angle.sin();
        cosine += sample * angle.cos();
        energy += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / (sound.len() as f64 * energy)
}
