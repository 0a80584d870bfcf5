// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How far a transfer is.
 */
export type TransferState = "pending" | "ringing" | "done" | "failed";
