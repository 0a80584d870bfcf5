// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How a call sounded.
 */
export type CallQuality = {
/**
 * For people: "G.711 A-law", …
 */
codec: string,
/**
 * How people would rate it, in hundredths: 100 to 441 (ITU-T G.107).
 */
mosHundredths: number,
/**
 * Share of the sound that had to be made up, in thousandths.
 */
madeUpPermille: number,
/**
 * Interarrival jitter at its end.
 */
jitterMs: number,
/**
 * Round trip at its end, from RTCP.
 */
roundTripMs?: number, };
