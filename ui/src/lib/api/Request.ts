// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { AccountDraft } from "./AccountDraft";
import type { HistoryFilter } from "./HistoryFilter";
import type { Others } from "./Others";
import type { PopRule } from "./PopRule";
import type { PresenceState } from "./PresenceState";
import type { Settings } from "./Settings";
import type { SoundRole } from "./SoundRole";
import type { WatchDraft } from "./WatchDraft";

/**
 * A wish of a person or a script. It may be refused.
 */
export type Request = { "type": "snapshot" } | { "type": "read_target", text: string, } | { "type": "dial", target: string, account?: number,
/**
 * Without telling who calls; absent: as the line has it.
 */
anonymous?: boolean, } | { "type": "answer", call: number, others?: Others, } | { "type": "decline", call: number, } | { "type": "silence", call: number, } | { "type": "hang_up", call: number, } | { "type": "hold", call: number, } | { "type": "resume", call: number, } | { "type": "mute", call: number, on: boolean, } | { "type": "send_digits", call: number, digits: string, } | { "type": "transfer", call: number, target: string, } | { "type": "swap", call: number, } | { "type": "forward", call: number, target: string, } | { "type": "consult", call: number, target: string, } | { "type": "complete_transfer", call: number, with?: number, } | { "type": "cancel_consult", call: number, } | { "type": "conference", calls: Array<number>, } | { "type": "leave_conference", call: number, } | { "type": "follow_redirect", call: number, target: string, } | { "type": "answer_referral", call: number, accept: boolean, } | { "type": "park", call: number, place?: string, } | { "type": "pick_up_number", number?: string, account?: number, } | { "type": "redial" } | { "type": "record", call: number, on: boolean, } | { "type": "pause_recording", call: number, on: boolean, } | { "type": "play_recording", entry: number, atMs: number, } | { "type": "pause_playback", on: boolean, } | { "type": "stop_playback" } | { "type": "open_pop", call: number, } | { "type": "retry_pop", pop: number, } | { "type": "set_presence", state: PresenceState, note?: string, } | { "type": "save_watch", watch: WatchDraft, } | { "type": "remove_watch", watch: number, } | { "type": "pick_up", watch: number, } | { "type": "call_voicemail", account?: number, } | { "type": "send_message", account?: number, target: string, text: string, } | { "type": "messages", peer?: string, before?: number, limit?: number, } | { "type": "mark_messages_seen", peer?: string, } | { "type": "save_account", account: AccountDraft, } | { "type": "remove_account", account: number, } | { "type": "register_now", account: number, } | { "type": "trust_certificate", account: number, sha256: string, } | { "type": "choose_line", account: number, } | { "type": "search_history", text?: string, filter?: HistoryFilter, before?: number, limit?: number, } | { "type": "delete_history", entries: Array<number>, } | { "type": "clear_history" } | { "type": "mark_seen" } | { "type": "save_pop_rule", rule: PopRule, } | { "type": "preview_pop", rule: PopRule, entry?: number, } | { "type": "choose_device", role: SoundRole, device?: string, } | { "type": "prefer_devices", role: SoundRole, devices: Array<string>, } | { "type": "meter_sound", on: boolean, } | { "type": "test_sound", role: SoundRole, } | { "type": "save_settings", settings: Settings, } | { "type": "dismiss_notice", key: string, };
