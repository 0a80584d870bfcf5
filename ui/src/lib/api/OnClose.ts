// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What closing the window does.
 */
export type OnClose = "ask" | "hide" | "quit";
