// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { EndReason } from "./EndReason";

/**
 * Why a call ended.
 */
export type EndView = {
/**
 * For programs.
 */
reason: EndReason,
/**
 * For people: "Busy", "Nobody by that number", …
 */
text: string,
/**
 * When.
 */
at: number, };
