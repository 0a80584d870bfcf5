// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A time in which callers did not reach a line.
 */
export type OutageView = {
/**
 * Since when, in milliseconds since 1970.
 */
from: number,
/**
 * Until when; absent while it goes on.
 */
to?: number, };
