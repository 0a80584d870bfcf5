// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { VariableSource } from "./VariableSource";

/**
 * A variable of a template and its value in this call.
 */
export type Variable = {
/**
 * As written in a template: `$caller$`, `[sip.X-Ticket]`, `$key$`.
 */
name: string,
/**
 * Where it comes from.
 */
source: VariableSource,
/**
 * Its value; masked when secret.
 */
value: string, };
