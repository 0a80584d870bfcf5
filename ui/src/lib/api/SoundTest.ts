// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Where a test of the microphone stands.
 */
export type SoundTest = "recording" | "before" | "after";
