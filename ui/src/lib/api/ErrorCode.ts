// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * The reasons a front acts on; all else is `Invalid` or `Internal`.
 */
export type ErrorCode = "no_such_call" | "no_such_account" | "no_such_entry" | "not_now" | "no_account" | "not_dialable" | "invalid" | "no_keyring" | "storage" | "internal";
