// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A mailbox.
 */
export type Voicemail = {
/**
 * Something new is in it.
 */
waiting: boolean,
/**
 * Messages not heard yet, if the server counts.
 */
new?: number,
/**
 * Messages heard and kept, if the server counts.
 */
old?: number,
/**
 * Whom `call_voicemail` calls; absent: it cannot be called.
 */
target?: string, };
