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
 * 1 (poor) to 4 (good).
 */
bars: number, };
