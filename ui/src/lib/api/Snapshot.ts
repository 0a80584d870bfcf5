// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { AccountView } from "./AccountView";
import type { CallView } from "./CallView";
import type { HistoryEntry } from "./HistoryEntry";
import type { MessageView } from "./MessageView";
import type { Notice } from "./Notice";
import type { PopLogEntry } from "./PopLogEntry";
import type { PopRule } from "./PopRule";
import type { PresenceView } from "./PresenceView";
import type { Settings } from "./Settings";
import type { SoundView } from "./SoundView";
import type { UnseenView } from "./UnseenView";
import type { WatchView } from "./WatchView";

/**
 * Everything a front needs to draw itself.
 */
export type Snapshot = {
/**
 * The update this state includes; the next one has `seq + 1`.
 */
seq: number,
/**
 * Accounts in the user's order.
 */
accounts: Array<AccountView>,
/**
 * Calls, newest first.
 */
calls: Array<CallView>,
/**
 * Own presence.
 */
presence: PresenceView,
/**
 * The settings.
 */
settings: Settings,
/**
 * Sound devices.
 */
sound: SoundView,
/**
 * The newest hundred history entries, newest first.
 */
history: Array<HistoryEntry>,
/**
 * Missed calls and messages not yet seen.
 */
unseen: UnseenView,
/**
 * The newest twenty screen pops, newest first.
 */
pops: Array<PopLogEntry>,
/**
 * Screen-pop rules, one an account.
 */
popRules: Array<PopRule>,
/**
 * Whom this person watches, in the person's order.
 */
watches: Array<WatchView>,
/**
 * The newest hundred messages, newest first.
 */
messages: Array<MessageView>,
/**
 * Standing notices.
 */
notices: Array<Notice>,
/**
 * Version of the product.
 */
version: string,
/**
 * Whether the practice exchange runs in this process.
 */
practice: boolean, };
