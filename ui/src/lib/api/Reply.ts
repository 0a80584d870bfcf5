// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { HistoryEntry } from "./HistoryEntry";
import type { MessageView } from "./MessageView";
import type { PasswordState } from "./PasswordState";
import type { PopPreview } from "./PopPreview";
import type { Snapshot } from "./Snapshot";

/**
 * An answer to a request.
 */
export type Reply = { "type": "done" } | { "type": "snapshot", snapshot: Snapshot, } | { "type": "target", target: string, shown: string, } | { "type": "call", call: number, } | { "type": "account", account: number, password: PasswordState, } | { "type": "history", entries: Array<HistoryEntry>, more: boolean, } | { "type": "watch", watch: number, } | { "type": "messages", messages: Array<MessageView>, more: boolean, } | { "type": "pop_preview", preview: PopPreview, };
