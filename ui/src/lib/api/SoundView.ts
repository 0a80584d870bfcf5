// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { SoundDevice } from "./SoundDevice";
import type { SoundOrder } from "./SoundOrder";
import type { SoundInUse } from "./SoundInUse";
import type { SoundTest } from "./SoundTest";

/**
 * Sound devices.
 */
export type SoundView = {
/**
 * All that can record.
 */
inputs: Array<SoundDevice>,
/**
 * All that can play.
 */
outputs: Array<SoundDevice>,
/**
 * Chosen microphone; absent follows the system.
 */
microphone?: string,
/**
 * Chosen speaker; absent follows the system.
 */
speaker?: string,
/**
 * Chosen device for ringing; absent follows the system.
 */
ring?: string,
secondRing?: string,
orders: Array<SoundOrder>,
inUse: Array<SoundInUse>,
test?: SoundTest,
/**
 * There is no sound card: calls run on a silent device.
 */
silent: boolean, };
