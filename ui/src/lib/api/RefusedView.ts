// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What came from the network and was refused without a word, for people who wonder.
 */
export type RefusedView = {
/**
 * Calls that did not come from the line's own server.
 */
ghostCalls: number,
/**
 * Other requests of strangers.
 */
strangers: number,
/**
 * Requests of a source that sent too many.
 */
flooding: number,
/**
 * What could not be read.
 */
malformed: number,
/**
 * Answers of a server that claimed to know the password and did not.
 */
falseProofs: number, };
