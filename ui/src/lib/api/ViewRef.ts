// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A view that is gone.
 */
export type ViewRef = { "type": "account", "id": number } | { "type": "call", "id": number } | { "type": "history", "id": number } | { "type": "all_history" } | { "type": "watch", "id": number } | { "type": "notice", "id": string };
