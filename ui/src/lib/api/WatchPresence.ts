// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { WatchState } from "./WatchState";

/**
 * What somebody tells of themselves.
 */
export type WatchPresence = {
/**
 * Whether they can be reached.
 */
state: WatchState,
/**
 * Their own words.
 */
note?: string,
/**
 * They talk.
 */
onThePhone: boolean, };
