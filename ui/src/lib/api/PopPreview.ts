// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { PopKind } from "./PopKind";
import type { PopPiece } from "./PopPiece";
import type { UnknownVariable } from "./UnknownVariable";

/**
 * What a rule would open.
 */
export type PopPreview = {
/**
 * Web page or program.
 */
kind: PopKind,
/**
 * The filled target in pieces, secrets masked.
 */
pieces: Array<PopPiece>,
/**
 * Variables of the template nobody knows, with the nearest known one.
 */
unknown: Array<UnknownVariable>, };
