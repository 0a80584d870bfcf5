// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { PresenceState } from "./PresenceState";

/**
 * Own presence.
 */
export type PresenceView = {
/**
 * What the person chose.
 */
state: PresenceState,
/**
 * Whether a call is connected, held or ringing out.
 */
onCall: boolean,
/**
 * The person's own words for others.
 */
note?: string, };
