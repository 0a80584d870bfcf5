// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * In or out.
 */
export type Direction = "incoming" | "outgoing";
