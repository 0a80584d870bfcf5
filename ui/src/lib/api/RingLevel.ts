// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How a call rings.
 */
export type RingLevel = "off" | "subtle" | "normal";
