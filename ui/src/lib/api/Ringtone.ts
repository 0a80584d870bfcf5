// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How the ringtone sounds.
 */
export type Ringtone = "marimba" | "bell" | "chime" | "warble";
