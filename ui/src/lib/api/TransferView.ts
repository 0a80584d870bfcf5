// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { TransferState } from "./TransferState";

/**
 * A transfer.
 */
export type TransferView = {
/**
 * To whom.
 */
target: string,
/**
 * How far.
 */
state: TransferState,
/**
 * What happened, for people.
 */
text: string, };
