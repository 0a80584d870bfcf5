// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { AccountOptions } from "./AccountOptions";
import type { OutageView } from "./OutageView";
import type { PasswordState } from "./PasswordState";
import type { RefusedView } from "./RefusedView";
import type { RegistrationView } from "./RegistrationView";
import type { Transport } from "./Transport";
import type { Voicemail } from "./Voicemail";

/**
 * An account, without its password.
 */
export type AccountView = {
/**
 * Its number.
 */
id: number,
/**
 * The line's name ("Sales").
 */
name: string,
/**
 * Two letters shown with the line's colour ("SA").
 */
tag: string,
/**
 * Colour 1 to 4.
 */
colour: number,
/**
 * Name shown to the called.
 */
displayName: string,
/**
 * User part of the address.
 */
user: string,
/**
 * Domain or server, with port if not the usual.
 */
domain: string,
/**
 * User name for authentication, when another one.
 */
authUser?: string,
/**
 * `host[:port]` every request goes through first.
 */
outboundProxy?: string,
/**
 * How the server is reached.
 */
transport: Transport,
/**
 * Path of the server's WebSocket address, when another one than `/`.
 */
wsPath?: string,
/**
 * SHA-256 of the one certificate this line trusts.
 */
pinnedCertificate?: string,
/**
 * Off: kept, not registered.
 */
enabled: boolean,
/**
 * Outgoing calls use it.
 */
chosen: boolean,
/**
 * Where its password is.
 */
password: PasswordState,
/**
 * Whether callers reach it.
 */
registration: RegistrationView,
/**
 * How it handles calls.
 */
options: AccountOptions,
/**
 * When callers did not reach it, of the last two days, oldest first.
 */
outages: Array<OutageView>,
/**
 * What was refused since the start, on all lines.
 */
refused: RefusedView,
/**
 * Its mailbox; absent while the server tells nothing of one.
 */
voicemail?: Voicemail, };
