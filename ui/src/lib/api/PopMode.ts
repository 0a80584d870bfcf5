// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * When a screen pop opens.
 */
export type PopMode = "on_incoming" | "after_answer" | "manual" | "disabled";
