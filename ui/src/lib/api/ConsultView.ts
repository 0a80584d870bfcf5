// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { ConsultRole } from "./ConsultRole";

/**
 * Two calls, one of which waits while the other one is asked. `complete_transfer` connects them.
 */
export type ConsultView = {
/**
 * The other call.
 */
with: number,
/**
 * Which of the two this one is.
 */
role: ConsultRole, };
