// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { BusyForward } from "./BusyForward";
import type { LateForward } from "./LateForward";

/**
 * Where calls are sent on to (302). Never a caller back to itself, nor in a circle.
 */
export type Forwarding = {
/**
 * Each call.
 */
always?: string,
/**
 * Calls that find the person busy.
 */
busy?: BusyForward,
/**
 * Calls nobody answered.
 */
noAnswer?: LateForward, };
