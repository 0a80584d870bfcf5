// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Web page or program.
 */
export type PopKind = "web" | "program";
