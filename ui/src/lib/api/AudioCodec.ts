// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A way to code speech.
 */
export type AudioCodec = "opus" | "g722" | "pcma" | "pcmu" | "g729";
