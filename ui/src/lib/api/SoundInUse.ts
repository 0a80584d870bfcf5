// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { SoundDevice } from "./SoundDevice";
import type { SoundRole } from "./SoundRole";

/**
 * A device that is in use, or was last.
 */
export type SoundInUse = {
/**
 * For what.
 */
role: SoundRole,
/**
 * Which one.
 */
device: SoundDevice,
/**
 * It stands in for the most wanted one, which is not connected.
 */
instead: boolean, };
