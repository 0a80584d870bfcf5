//! G.711 µ-law as the recommendation has it, for a measuring hand that must not share code with what it measures.

const BIAS: i32 = 0x84;

/// One sample.
pub fn encode(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 {
        (0x80, -i32::from(sample))
    } else {
        (0, i32::from(sample))
    };
    let value = magnitude.min(32_635) + BIAS;
    let segment = 7 - (value << 17).leading_zeros().min(7);
    let step = (value >> (segment + 3)) & 0x0f;
    !(sign | (segment << 4) as u8 | step as u8)
}

/// One octet.
pub fn decode(octet: u8) -> i16 {
    let octet = !octet;
    let (segment, step) = ((octet >> 4) & 7, i32::from(octet & 0x0f));
    let magnitude = (((step << 3) + BIAS) << segment) - BIAS;
    (if octet & 0x80 == 0 { magnitude } else { -magnitude }) as i16
}
