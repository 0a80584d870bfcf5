// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * What a watched phone does.
 */
export type Lamp = { "type": "unknown" } | { "type": "idle" } | { "type": "ringing",
/**
 * Name or number of who calls, if it is told.
 */
caller?: string, } | { "type": "busy" } | { "type": "held" };
