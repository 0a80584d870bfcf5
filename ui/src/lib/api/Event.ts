// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { Notice } from "./Notice";
import type { View } from "./View";
import type { ViewRef } from "./ViewRef";

/**
 * One message of the event stream.
 */
export type Event = { "type": "update",
/**
 * Sequence number of this update.
 */
seq: number,
/**
 * Whole views, new or changed.
 */
upserts: Array<View>,
/**
 * Views that are gone.
 */
removals: Array<ViewRef>, } | { "type": "levels",
/**
 * Microphone after mute.
 */
microphone: number,
/**
 * What the speaker plays.
 */
speaker: number, } | { "type": "playback",
/**
 * Of which entry; absent when nothing is played any more.
 */
entry?: number,
/**
 * The position in milliseconds.
 */
atMs: number,
/**
 * The whole in milliseconds.
 */
lengthMs: number,
/**
 * It waits.
 */
paused: boolean, } | { "type": "prefill",
/**
 * Text for the dial field.
 */
target: string, } | { "type": "close_asked",
/**
 * Whether there is a tray to come back from; without one a hidden window comes back by a second start.
 */
tray: boolean, } | { "type": "desktop_notices",
/**
 * They replace the ones said before.
 */
notices: Array<Notice>, } | { "type": "show_messages",
/**
 * Whose conversation, as its messages name it.
 */
peer: string,
/**
 * What to call it.
 */
name: string, };
