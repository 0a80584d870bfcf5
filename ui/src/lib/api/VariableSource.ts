// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Where a variable comes from.
 */
export type VariableSource = "call" | "header" | "custom";
