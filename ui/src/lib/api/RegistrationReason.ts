// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Why a registration failed.
 */
export type RegistrationReason = "wrong_password" | "no_password" | "unknown_domain" | "unknown_user" | "no_answer" | "unreachable" | "refused" | "untrusted_certificate" | "certificate_changed";
