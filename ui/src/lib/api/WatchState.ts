// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Whether somebody can be reached.
 */
export type WatchState = "offline" | "online" | "away" | "busy" | "do_not_disturb";
