// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How keys are sent.
 */
export type KeyMethod = "events" | "info" | "tones";
