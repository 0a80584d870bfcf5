// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { AccountOptions } from "./AccountOptions";
import type { Transport } from "./Transport";

/**
 * What a person enters. Absent `id` adds an account.
 */
export type AccountDraft = {
/**
 * The account to change.
 */
id?: number,
/**
 * The line's name.
 */
name: string,
/**
 * Name shown to the called; empty for none.
 */
displayName?: string,
/**
 * User part of the address.
 */
user: string,
/**
 * Domain or server, `host[:port]`.
 */
domain: string,
/**
 * User name for authentication.
 */
authUser?: string,
/**
 * `host[:port]`.
 */
outboundProxy?: string,
/**
 * How the server is reached.
 */
transport?: Transport,
/**
 * Path of the server's WebSocket address; absent is `/`.
 */
wsPath?: string,
/**
 * SHA-256 of the one certificate this line trusts; absent trusts whom the system trusts.
 */
pinnedCertificate?: string,
/**
 * Register or only keep.
 */
enabled?: boolean,
/**
 * New password; absent keeps the old one.
 */
password?: string,
/**
 * How it handles calls; absent keeps what there is.
 */
options?: AccountOptions, };
