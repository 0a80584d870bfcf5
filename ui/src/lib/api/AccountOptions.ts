// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { AudioCodec } from "./AudioCodec";
import type { Codes } from "./Codes";
import type { Encryption } from "./Encryption";
import type { Forwarding } from "./Forwarding";
import type { KeyMethod } from "./KeyMethod";
import type { ReferralPolicy } from "./ReferralPolicy";

/**
 * How an account handles calls.
 */
export type AccountOptions = {
/**
 * Where its calls are sent on to.
 */
forwarding: Forwarding,
/**
 * Numbers with a meaning at the telephone system.
 */
codes: Codes,
/**
 * Calls without telling who calls (RFC 3323), unless a call says otherwise.
 */
anonymous: boolean,
/**
 * Callers may ask to be answered without a person (Call-Info, Alert-Info); never while the person is on a call.
 */
autoAnswer: boolean,
/**
 * What to do when the far end asks us to call somebody (REFER).
 */
referrals: ReferralPolicy,
/**
 * The server says truly who calls (P-Asserted-Identity, RFC 3325).
 */
trustedIdentity: boolean,
/**
 * Calls are taken from anyone, not only from its own server.
 */
callFromAnyone: boolean,
/**
 * The codecs of its calls, best first; what is missing is switched off. Never empty.
 */
codecs: Array<AudioCodec>,
/**
 * When a caller offers several codecs, this order counts, not the caller's.
 */
ownCodecOrder: boolean,
/**
 * Pauses need not be sent (comfort noise, RFC 3389; DTX of Opus; annex B of G.729), where the far end agrees.
 */
pauses: boolean,
/**
 * How keys are sent.
 */
keys: KeyMethod,
/**
 * Asks the server for an address that leads to this phone alone (GRUU, RFC 5627) and gives it out in calls. Some servers hand
 * such addresses out and lose what is sent to them within a call.
 */
gruu: boolean,
/**
 * Whether the sound of its calls is encrypted.
 */
encryption: Encryption, };
