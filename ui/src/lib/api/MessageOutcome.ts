// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What became of a message.
 */
export type MessageOutcome = "received" | "sending" | "delivered" | "accepted" | "failed" | "unknown";
