// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Sends calls on that find the person busy: when there is no room for a further call, and as chosen here.
 */
export type BusyForward = {
/**
 * Number or address.
 */
target: string,
/**
 * Do-not-disturb counts as busy.
 */
doNotDisturb: boolean,
/**
 * Being on a call counts as busy, even though a second call could ring.
 */
onCall: boolean, };
