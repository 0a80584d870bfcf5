// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * Why a call ended.
 */
export type EndReason = "hung_up_here" | "hung_up_there" | "cancelled" | "missed" | "declined" | "do_not_disturb" | "answered_elsewhere" | "busy" | "refused" | "not_found" | "unavailable" | "no_answer" | "forbidden" | "no_common_codec" | "lost" | "server_error" | "transferred" | "forwarded" | "redirected" | "replaced" | "other";
