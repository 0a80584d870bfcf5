// Generated from crates/api by `cargo test -p parley-api`. Do not edit.

/**
 * A server's certificate that was not taken. All text comes from the network.
 */
export type CertificateView = {
/**
 * SHA-256 of the whole certificate, octets with colons between them.
 */
sha256: string,
/**
 * Whom it is for.
 */
subject: string,
/**
 * Who says so.
 */
issuer: string,
/**
 * Names and addresses it is for.
 */
names: Array<string>,
/**
 * From when it counts; milliseconds.
 */
validFrom: number,
/**
 * Until when; milliseconds.
 */
validTo: number,
/**
 * What is wrong with it, for people.
 */
fault: string,
/**
 * SHA-256 of the one trusted before, when the server shows another one now.
 */
trustedBefore?: string, };
