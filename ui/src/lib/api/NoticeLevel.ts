// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How loud a notice is.
 */
export type NoticeLevel = "info" | "warning" | "error";
