// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { ErrorCode } from "./ErrorCode";

/**
 * A refusal: a code for programs, a sentence for people that says what happened and what to do.
 */
export type ApiError = {
/**
 * What a front may act on.
 */
code: ErrorCode,
/**
 * One English sentence.
 */
message: string,
/**
 * The field of a form the refusal is about, if it is about one (`domain`, `target`, …).
 */
field?: string, };
