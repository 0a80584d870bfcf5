// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * One line of a call's time line.
 */
export type TimelineItem = {
/**
 * When.
 */
at: number,
/**
 * What, for people.
 */
text: string, };
