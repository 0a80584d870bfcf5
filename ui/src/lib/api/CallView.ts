// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { CallState } from "./CallState";
import type { ConsultView } from "./ConsultView";
import type { Direction } from "./Direction";
import type { EncryptionView } from "./EncryptionView";
import type { EndView } from "./EndView";
import type { MediaView } from "./MediaView";
import type { Party } from "./Party";
import type { PopLogEntry } from "./PopLogEntry";
import type { Redirect } from "./Redirect";
import type { ReferralView } from "./ReferralView";
import type { RingLevel } from "./RingLevel";
import type { TimelineItem } from "./TimelineItem";
import type { TransferView } from "./TransferView";
import type { Variable } from "./Variable";

/**
 * A call.
 */
export type CallView = {
/**
 * Its number.
 */
id: number,
/**
 * The line.
 */
account: number,
/**
 * In or out.
 */
direction: Direction,
/**
 * Where it stands.
 */
state: CallState,
/**
 * The other end.
 */
remote: Party,
/**
 * Own number that was reached; empty for outgoing calls.
 */
number: string,
/**
 * Number first dialled by the caller (before diversions); empty for outgoing calls.
 */
called: string,
/**
 * When it began.
 */
startedAt: number,
/**
 * When it was answered.
 */
answeredAt?: number,
/**
 * We hold the far end.
 */
heldByUs: boolean,
/**
 * The far end holds us.
 */
heldByThem: boolean,
/**
 * A hold or resume waits for the far end's word.
 */
holdPending: boolean,
/**
 * Our microphone is off for this call.
 */
muted: boolean,
/**
 * Ringtone stopped for this call.
 */
silenced: boolean,
/**
 * How it rings now.
 */
ring: RingLevel,
/**
 * Tones sent so far.
 */
digits: string,
/**
 * Keys the far end pressed, the latest last; at most 64.
 */
digitsHeard: string,
/**
 * A transfer under way or failed.
 */
transfer?: TransferView,
/**
 * Sound, once there is any.
 */
media?: MediaView,
/**
 * Nothing has been heard from the far end for this long.
 */
silentSeconds?: number,
/**
 * How the screen pop went, last try.
 */
pop?: PopLogEntry,
/**
 * The button "Screen pop" works.
 */
canPop: boolean,
/**
 * Values of this call for templates, in the order to show.
 */
variables: Array<Variable>,
/**
 * What happened, in order.
 */
timeline: Array<TimelineItem>,
/**
 * The consultation it belongs to.
 */
consult?: ConsultView,
/**
 * It is one of a conference.
 */
conference: boolean,
/**
 * Whom the far end asks us to call; answer with `answer_referral`.
 */
referral?: ReferralView,
/**
 * It is an emergency call.
 */
emergency: boolean,
/**
 * We call without telling who we are.
 */
anonymous: boolean,
/**
 * It was answered without a person, at the caller's wish.
 */
autoAnswered: boolean,
/**
 * It was dialled because this call was sent on.
 */
follows?: number,
/**
 * Where it was sent on to, the best first; dial with `follow_redirect`.
 */
redirects: Array<Redirect>,
/**
 * How its sound is encrypted; absent while there is none.
 */
encryption?: EncryptionView,
/**
 * Why it ended.
 */
end?: EndView, };
