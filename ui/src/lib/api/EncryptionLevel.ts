// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How well the sound of a call is encrypted.
 */
export type EncryptionLevel = "none" | "key_exposed" | "full";
