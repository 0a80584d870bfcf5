// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * The other end.
 */
export type Party = {
/**
 * Display name, cleaned of control characters; absent when none was sent.
 */
name?: string,
/**
 * Number or user part; empty when withheld.
 */
number: string,
/**
 * Address to call back; empty when withheld.
 */
address: string,
/**
 * Company or contact, when known.
 */
company?: string, };
