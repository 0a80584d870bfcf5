// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Which calls are recorded.
 */
export type RecordPolicy = "never" | "on_request" | "always";
