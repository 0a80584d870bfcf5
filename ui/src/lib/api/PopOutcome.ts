// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How a pop went.
 */
export type PopOutcome = { "type": "opening" } | { "type": "opened",
/**
 * From the trigger to the start.
 */
millis: number, } | { "type": "failed",
/**
 * Why and what to do.
 */
text: string, };
