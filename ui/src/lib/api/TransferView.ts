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
 * The call of ours it is connected with, when somebody was asked before.
 */
with?: number,
/**
 * How far.
 */
state: TransferState,
/**
 * What happened, for people.
 */
text: string, };
