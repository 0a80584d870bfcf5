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
 * A whole view.
 */
export type View = { "type": "account", "value": AccountView } | { "type": "call", "value": CallView } | { "type": "presence", "value": PresenceView } | { "type": "settings", "value": Settings } | { "type": "sound", "value": SoundView } | { "type": "history", "value": HistoryEntry } | { "type": "unseen", "value": UnseenView } | { "type": "pop_rule", "value": PopRule } | { "type": "pop", "value": PopLogEntry } | { "type": "watch", "value": WatchView } | { "type": "message", "value": MessageView } | { "type": "notice", "value": Notice };
