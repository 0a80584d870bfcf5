// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A sound device.
 */
export type SoundDevice = {
/**
 * Stable name of the host.
 */
id: string,
/**
 * For people.
 */
name: string, };
