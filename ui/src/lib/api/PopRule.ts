// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { PopMode } from "./PopMode";

/**
 * An account's screen-pop rule.
 */
export type PopRule = {
/**
 * The account.
 */
account: number,
/**
 * When it opens.
 */
mode: PopMode,
/**
 * Web address, or absolute path of a program with arguments; empty only when disabled.
 */
target: string, };
