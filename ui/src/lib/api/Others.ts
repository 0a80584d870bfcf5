// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What happens to the other calls when one is answered.
 */
export type Others = "hold" | "end";
