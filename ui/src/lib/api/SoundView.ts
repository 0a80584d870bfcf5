// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { SoundDevice } from "./SoundDevice";
import type { SoundInUse } from "./SoundInUse";
import type { SoundOrder } from "./SoundOrder";
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
/**
 * Chosen second device for ringing; absent rings on one only.
 */
secondRing?: string,
/**
 * What is wanted for each purpose, the most wanted first.
 */
orders: Array<SoundOrder>,
/**
 * What is in use.
 */
inUse: Array<SoundInUse>,
/**
 * A test of the microphone that runs.
 */
test?: SoundTest,
/**
 * There is no sound card: calls run on a silent device.
 */
silent: boolean, };
