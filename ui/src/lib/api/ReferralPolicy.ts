// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What to do when the far end asks us to call somebody.
 */
export type ReferralPolicy = "ask" | "always" | "never";
