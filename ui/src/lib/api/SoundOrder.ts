// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { SoundDevice } from "./SoundDevice";
import type { SoundRole } from "./SoundRole";

/**
 * The devices for one purpose, the most wanted first; those that are not connected too.
 */
export type SoundOrder = {
/**
 * The purpose.
 */
role: SoundRole,
/**
 * The devices; after the last one comes the system's own.
 */
devices: Array<SoundDevice>, };
