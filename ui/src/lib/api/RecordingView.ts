// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Whether a call is being recorded.
 */
export type RecordingView = "off" | "running" | "paused";
