// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Sends calls on that nobody answered.
 */
export type LateForward = {
/**
 * Number or address.
 */
target: string,
/**
 * How long it rings here first, 1 to 300.
 */
afterSeconds: number, };
