// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What a person enters about a watch. Absent `id` adds one.
 */
export type WatchDraft = {
/**
 * The watch to change.
 */
id?: number,
/**
 * The line that watches; absent is the chosen line.
 */
account?: number,
/**
 * Number or address.
 */
target: string,
/**
 * The name to show; empty takes the number.
 */
label?: string, };
