// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { PopOutcome } from "./PopOutcome";
import type { PopTrigger } from "./PopTrigger";

/**
 * A screen pop that was tried.
 */
export type PopLogEntry = {
/**
 * Its number.
 */
id: number,
/**
 * The history entry of its call.
 */
entry: number,
/**
 * Who called, for the list.
 */
caller: string,
/**
 * When.
 */
at: number,
/**
 * What set it off.
 */
trigger: PopTrigger,
/**
 * What was opened, secrets masked.
 */
target: string,
/**
 * How it went.
 */
outcome: PopOutcome, };
