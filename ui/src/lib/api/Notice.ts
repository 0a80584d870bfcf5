// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { NoticeLevel } from "./NoticeLevel";

/**
 * A standing notice: what happened and what to do.
 */
export type Notice = {
/**
 * Stable name: `no_keyring`, `no_sound_card`, `device_lost`, `device_lost_speaker`, `device_lost_ring`,
 * `device_lost_second_ring`, `unheard`, `far_silent`, `storage`, `pop_failed`, `transfer_failed`,
 * `auto_answered`, `message`.
 */
key: string,
/**
 * How loud.
 */
level: NoticeLevel,
/**
 * One sentence.
 */
text: string, };
