// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How a call went.
 */
export type Outcome = "in_progress" | "answered" | "missed" | "declined" | "cancelled" | "failed" | "answered_elsewhere" | "forwarded" | "interrupted";
