// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What came in and nobody has looked at.
 */
export type UnseenView = {
/**
 * Missed calls.
 */
missed: number,
/**
 * Messages.
 */
messages: number, };
