// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { NoticeLevel } from "./NoticeLevel";

/**
 * A standing notice: what happened and what to do.
 */
export type Notice = {
/**
 * Stable name: `no_keyring`, `no_sound_card`, `device_lost`, `storage`, `pop_failed`, `transfer_failed`,
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
