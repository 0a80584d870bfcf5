// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What a device is for.
 */
export type SoundRole = "microphone" | "speaker" | "ring" | "second_ring";
