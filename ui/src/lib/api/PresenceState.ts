// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * States a person chooses from.
 */
export type PresenceState = "online" | "away" | "busy" | "do_not_disturb" | "invisible";
