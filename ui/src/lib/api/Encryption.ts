// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Whether the sound of calls is encrypted (SRTP with keys in the signalling, RFC 4568). An emergency call is made either way.
 */
export type Encryption = "off" | "preferred" | "required";
