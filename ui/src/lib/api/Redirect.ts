// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Where a call was sent on to.
 */
export type Redirect = {
/**
 * To dial.
 */
target: string,
/**
 * To show.
 */
shown: string, };
