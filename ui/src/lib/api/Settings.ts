// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { OnClose } from "./OnClose";
import type { RecordPolicy } from "./RecordPolicy";
import type { Ringtone } from "./Ringtone";
import type { Theme } from "./Theme";
import type { VoiceSettings } from "./VoiceSettings";

/**
 * What a person has set. Saved as a whole.
 */
export type Settings = {
/**
 * Colours.
 */
theme: Theme,
/**
 * A second call does not ring at all.
 */
muteCallsDuringCall: boolean,
/**
 * Schemes a screen pop may use besides http and https.
 */
allowedSchemes: Array<string>,
/**
 * The user's own parameters: name (`[A-Za-z0-9_]+`) to value, for `$name$`.
 */
customParameters: { [key in string]: string },
/**
 * `tel:` and `sip:` links dial at once instead of filling the dial field.
 */
dialLinksAtOnce: boolean,
/**
 * What closing the window does.
 */
onClose: OnClose,
/**
 * Ringtone volume, per cent.
 */
ringVolume: number,
/**
 * A line that callers do not reach is heard on the ring device.
 */
alertUnreachable: boolean,
/**
 * Numbers of emergency services. No rule stands in the way of calling them, and their calls back always ring.
 */
emergencyNumbers: Array<string>,
/**
 * Which calls are recorded.
 */
recordCalls: RecordPolicy,
/**
 * A beep tells both ends that a call is recorded.
 */
announceRecording: boolean,
/**
 * Those on hold hear a tune instead of silence.
 */
holdTune: boolean,
/**
 * How the ringtone sounds.
 */
ringtone: Ringtone,
/**
 * As in which country ringback and busy sound (ISO 3166-1 alpha-2); empty follows the system.
 */
toneCountry: string,
/**
 * What is done to voices.
 */
voice: VoiceSettings, };
