// Generated from crates/api by `cargo test -p parley-api`. Do not edit.
import type { EncryptionLevel } from "./EncryptionLevel";

/**
 * How the sound of a call is encrypted, from here to the server or phone it is exchanged with.
 */
export type EncryptionView = {
/**
 * How well.
 */
level: EncryptionLevel,
/**
 * With what, for details: "AES-128", "AES-256-GCM"; absent without encryption.
 */
cipher?: string, };
