// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Which of the two calls of a consultation.
 */
export type ConsultRole = "waiting" | "asked";
