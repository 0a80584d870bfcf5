// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { NoiseReduction } from "./NoiseReduction";

/**
 * What is done to voices.
 */
export type VoiceSettings = {
/**
 * Takes what the loudspeaker plays out of what the microphone hears.
 */
cancelEcho: boolean,
/**
 * Takes noise out of what we say.
 */
noise: NoiseReduction,
/**
 * Brings our own voice to a good loudness.
 */
gain: boolean,
/**
 * Guards the ear from bangs and shrieks.
 */
limitShocks: boolean,
/**
 * Brings callers to one loudness.
 */
levelCallers: boolean,
/**
 * Takes noise out of what callers say.
 */
cleanCallers: boolean, };
