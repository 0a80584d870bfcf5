// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { CallQuality } from "./CallQuality";
import type { Direction } from "./Direction";
import type { Outcome } from "./Outcome";

/**
 * A call that was.
 */
export type HistoryEntry = {
/**
 * Its number; grows with time.
 */
id: number,
/**
 * The line; it may be gone.
 */
account: number,
/**
 * The line's name then.
 */
line: string,
/**
 * In or out.
 */
direction: Direction,
/**
 * How it went.
 */
outcome: Outcome,
/**
 * Display name, or empty.
 */
name: string,
/**
 * Number, or empty when withheld.
 */
number: string,
/**
 * Address to call back, or empty.
 */
address: string,
/**
 * Own number reached.
 */
reached: string,
/**
 * Number first dialled.
 */
called: string,
/**
 * When it began.
 */
startedAt: number,
/**
 * Talk time.
 */
talkSeconds: number,
/**
 * Ring time.
 */
ringSeconds: number,
/**
 * Why it failed or ended, for people; may be empty.
 */
reason: string,
/**
 * Target of the last screen pop, secrets masked; empty for none.
 */
pop: string,
/**
 * A missed call nobody has looked at.
 */
unseen: boolean,
/**
 * Whether it can be called back.
 */
canCallBack: boolean,
/**
 * Whether there is a recording; play it with `play_recording`.
 */
recorded: boolean,
/**
 * The entry of the call that was sent on, because of which this one was made; it may be deleted since.
 */
follows?: number,
/**
 * How it sounded; for none that was not talked.
 */
quality?: CallQuality, };
