// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Numbers with a meaning at the telephone system.
 */
export type Codes = {
/**
 * A call transferred to this number (and a place, if one is said) is parked.
 */
park?: string,
/**
 * Dialled before a number, it takes the call that rings there; alone, one that rings in the group.
 */
pickUp?: string,
/**
 * The mailbox, when the server does not say it.
 */
voicemail?: string, };
