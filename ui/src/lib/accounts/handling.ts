// How a line handles calls: what is filled in, as flat text, and the options it means.
import type { AccountOptions, AudioCodec, Encryption, KeyMethod, ReferralPolicy } from '../api';

export interface Handling {
  always: string;
  busy: string;
  busyDnd: boolean;
  busyCall: boolean;
  late: string;
  lateAfter: string;
  park: string;
  pickUp: string;
  voicemail: string;
  referrals: ReferralPolicy;
  anonymous: boolean;
  autoAnswer: boolean;
  trustedIdentity: boolean;
  callFromAnyone: boolean;
  /** Every codec, in order, the ones switched off included. */
  codecs: CodecRow[];
  ownCodecOrder: boolean;
  pauses: boolean;
  keys: KeyMethod;
  gruu: boolean;
  encryption: Encryption;
}

export interface CodecRow {
  is: AudioCodec;
  on: boolean;
}

const CODECS: AudioCodec[] = ['opus', 'g722', 'pcma', 'pcmu', 'g729'];

/** The ones in use first, in their order, then the others. */
function codecRows(used: AudioCodec[]): CodecRow[] {
  return [...used.map((is) => ({ is, on: true })), ...CODECS.filter((is) => !used.includes(is)).map((is) => ({ is, on: false }))];
}

const AFTER_SECONDS = 20;

export const fillHandling = (options: AccountOptions | undefined): Handling => ({
  always: options?.forwarding.always ?? '',
  busy: options?.forwarding.busy?.target ?? '',
  busyDnd: options?.forwarding.busy?.doNotDisturb ?? true,
  busyCall: options?.forwarding.busy?.onCall ?? false,
  late: options?.forwarding.noAnswer?.target ?? '',
  lateAfter: String(options?.forwarding.noAnswer?.afterSeconds ?? AFTER_SECONDS),
  park: options?.codes.park ?? '',
  pickUp: options?.codes.pickUp ?? '',
  voicemail: options?.codes.voicemail ?? '',
  referrals: options?.referrals ?? 'ask',
  anonymous: options?.anonymous ?? false,
  autoAnswer: options?.autoAnswer ?? false,
  trustedIdentity: options?.trustedIdentity ?? true,
  callFromAnyone: options?.callFromAnyone ?? false,
  codecs: codecRows(options?.codecs ?? CODECS),
  ownCodecOrder: options?.ownCodecOrder ?? false,
  pauses: options?.pauses ?? false,
  keys: options?.keys ?? 'events',
  gruu: options?.gruu ?? false,
  encryption: options?.encryption ?? 'off',
});

/** The options of the request. What cannot be right is for the engine to refuse. */
export function handlingOptions(filled: Handling): AccountOptions {
  const text = (value: string) => value.trim() || undefined;
  const [always, busy, late] = [text(filled.always), text(filled.busy), text(filled.late)];
  const seconds = Number(filled.lateAfter);
  return {
    forwarding: {
      ...(always && { always }),
      ...(busy && { busy: { target: busy, doNotDisturb: filled.busyDnd, onCall: filled.busyCall } }),
      ...(late && { noAnswer: { target: late, afterSeconds: Number.isInteger(seconds) && seconds > 0 ? seconds : 0 } }),
    },
    codes: { ...(text(filled.park) && { park: text(filled.park) }), ...(text(filled.pickUp) && { pickUp: text(filled.pickUp) }), ...(text(filled.voicemail) && { voicemail: text(filled.voicemail) }) },
    anonymous: filled.anonymous,
    autoAnswer: filled.autoAnswer,
    referrals: filled.referrals,
    trustedIdentity: filled.trustedIdentity,
    callFromAnyone: filled.callFromAnyone,
    codecs: filled.codecs.filter((codec) => codec.on).map((codec) => codec.is),
    ownCodecOrder: filled.ownCodecOrder,
    pauses: filled.pauses,
    keys: filled.keys,
    gruu: filled.gruu,
    encryption: filled.encryption,
  };
}
