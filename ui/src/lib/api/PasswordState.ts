// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Where a password is.
 */
export type PasswordState = "none" | "keyring" | "this_run" | "asking";
