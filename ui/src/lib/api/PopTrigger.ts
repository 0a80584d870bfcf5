// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What set a pop off.
 */
export type PopTrigger = "incoming" | "answered" | "manual";
