// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A variable nobody knows.
 */
export type UnknownVariable = {
/**
 * As written.
 */
name: string,
/**
 * "Did you mean …?"
 */
suggestion?: string, };
