// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { CertificateView } from "./CertificateView";
import type { RegistrationReason } from "./RegistrationReason";

/**
 * Whether callers reach this line.
 */
export type RegistrationView = { "type": "off" } | { "type": "registering",
/**
 * Since when.
 */
since: number, } | { "type": "registered",
/**
 * Since when without a gap.
 */
since: number,
/**
 * When the server last confirmed it.
 */
provenAt: number,
/**
 * When it must be renewed.
 */
expiresAt: number,
/**
 * Server address, for details.
 */
server: string, } | { "type": "failed",
/**
 * Since when.
 */
since: number,
/**
 * Why, for programs.
 */
reason: RegistrationReason,
/**
 * Why and what to do, for people.
 */
text: string,
/**
 * When it is tried again; absent: not by itself.
 */
retryAt?: number,
/**
 * The certificate it failed for, to be looked at and perhaps trusted.
 */
certificate?: CertificateView, };
