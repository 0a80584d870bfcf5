// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { NoiseReduction } from "./NoiseReduction";
export type VoiceSettings = { cancelEcho: boolean, noise: NoiseReduction, gain: boolean, limitShocks: boolean, levelCallers: boolean, cleanCallers: boolean, };
