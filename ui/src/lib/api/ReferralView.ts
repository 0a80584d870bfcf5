// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * The far end asks us to call somebody else. Without an answer it is refused after 25 s.
 */
export type ReferralView = {
/**
 * Whom.
 */
target: string,
/**
 * At whose wish; empty when nobody says.
 */
by: string, };
