// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Sound of a call; refreshed every second.
 */
export type MediaView = {
/**
 * For people: "G.711 A-law", "G.711 µ-law", …
 */
codec: string,
/**
 * Packets sent.
 */
sent: number,
/**
 * Packets received.
 */
received: number,
/**
 * Lost on the way to us, per cent.
 */
lostPercent: number,
/**
 * Interarrival jitter, RFC 3550.
 */
jitterMs: number,
/**
 * Round trip from RTCP.
 */
roundTripMs?: number,
/**
 * Delay of the jitter buffer.
 */
bufferMs: number,
/**
 * Packets that came too late to be heard.
 */
late: number,
/**
 * Share of the sound that had to be made up since the beginning, per cent.
 */
madeUpPercent: number,
/**
 * What the far end missed of ours, per cent, as it last reported.
 */
remoteLostPercent?: number,
/**
 * Peak level of what we sent in the last second, 0 to 1.
 */
levelIn: number,
/**
 * Peak level of what we heard in the last second, 0 to 1.
 */
levelOut: number,
/**
 * How people would rate the call so far, 1 to 4.4 (ITU-T G.107).
 */
mos: number,
/**
 * 1 (poor) to 4 (good).
 */
bars: number, };
