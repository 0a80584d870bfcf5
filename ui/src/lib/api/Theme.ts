// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Colours.
 */
export type Theme = "system" | "light" | "dark";
