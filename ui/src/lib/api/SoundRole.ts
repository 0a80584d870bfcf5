// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
export type SoundRole = "microphone" | "speaker" | "ring" | "second_ring";
