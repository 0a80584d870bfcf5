// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { VariableSource } from "./VariableSource";

/**
 * A piece of a filled target.
 */
export type PopPiece = {
/**
 * Its text, encoded as it will be used.
 */
text: string,
/**
 * Absent: written in the template.
 */
source?: VariableSource, };
