// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { SoundDevice } from "./SoundDevice";
import type { SoundRole } from "./SoundRole";
export type SoundOrder = { role: SoundRole, devices: Array<SoundDevice>, };
