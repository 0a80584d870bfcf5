// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Which history entries.
 */
export type HistoryFilter = "all" | "missed";
