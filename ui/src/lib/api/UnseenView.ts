// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Missed calls not yet seen.
 */
export type UnseenView = {
/**
 * How many.
 */
missed: number, };
