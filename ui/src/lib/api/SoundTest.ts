// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
export type SoundTest = "recording" | "before" | "after";
