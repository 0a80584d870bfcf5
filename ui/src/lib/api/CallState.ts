// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Where a call stands.
 */
export type CallState = "calling" | "ringing" | "early_media" | "incoming" | "answering" | "active" | "ended";
