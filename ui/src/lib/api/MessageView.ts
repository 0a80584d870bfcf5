// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { MessageOutcome } from "./MessageOutcome";

/**
 * A short message.
 */
export type MessageView = {
/**
 * Its number; a newer message has a greater one.
 */
id: number,
/**
 * The line.
 */
account: number,
/**
 * The line's name then.
 */
line: string,
/**
 * The other: a number or address that can be dialled and written to. One conversation each.
 */
peer: string,
/**
 * The other's name, or empty.
 */
name: string,
/**
 * The other's number, or the user part of the address.
 */
number: string,
/**
 * It came in.
 */
incoming: boolean,
/**
 * The text. From the network: show it as text and nothing else.
 */
text: string,
/**
 * When; milliseconds.
 */
at: number,
/**
 * What became of it.
 */
outcome: MessageOutcome,
/**
 * Why it was not delivered, for people; may be empty.
 */
reason: string,
/**
 * It came in and nobody has looked at it.
 */
unseen: boolean, };
