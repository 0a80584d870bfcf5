// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * How a SIP server is reached.
 */
export type Transport = "auto" | "udp" | "tcp" | "tls" | "ws" | "wss";
