// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { Lamp } from "./Lamp";
import type { WatchPresence } from "./WatchPresence";

/**
 * Somebody whose lamp is shown.
 */
export type WatchView = {
/**
 * Its number.
 */
id: number,
/**
 * The line that watches.
 */
account: number,
/**
 * The number or address watched; it can be dialled.
 */
target: string,
/**
 * The name to show.
 */
label: string,
/**
 * What they tell of themselves; absent while nothing is known.
 */
presence?: WatchPresence,
/**
 * What their phone does.
 */
lamp: Lamp,
/**
 * Their ringing call can be picked up.
 */
pickUp: boolean, };
