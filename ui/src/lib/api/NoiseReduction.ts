// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How much noise is taken out of what we say.
 */
export type NoiseReduction = "off" | "normal" | "strong";
