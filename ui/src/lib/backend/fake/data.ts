// The believable office of the pretend backend.
import type { AccountOptions, AccountView, CallView, HistoryEntry, MessageView, PopLogEntry, PopRule, SoundView, Variable, WatchView } from '../../api';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Today at `h`:`m`, `days` ago; yesterday's when today's is still to come. */
export function at(h: number, m: number, s = 0, days = 0): number {
  const time = new Date().setHours(h, m, s, 0);
  return time - days * DAY - (days === 0 && time > Date.now() ? DAY : 0);
}

export const ago = (minutes: number): number => Date.now() - minutes * MINUTE;

const registered = (): AccountView['registration'] => ({ type: 'registered', since: ago(220), provenAt: Date.now() - 12_000, expiresAt: ago(-9), server: '192.0.2.10:5060' });

/** How a new line handles calls. */
export const usualOptions = (more: Partial<AccountOptions> = {}): AccountOptions => ({
  forwarding: {}, codes: {}, anonymous: false, autoAnswer: false, referrals: 'ask', trustedIdentity: true, callFromAnyone: false,
  codecs: ['opus', 'g722', 'pcma', 'pcmu', 'g729'], ownCodecOrder: false, pauses: false, keys: 'events', gruu: false, encryption: 'off', ...more,
});

export const nothingRefused = (): AccountView['refused'] => ({ ghostCalls: 0, strangers: 0, flooding: 0, malformed: 0, falseProofs: 0 });

function line(id: number, name: string, tag: string, user: string, more: Partial<AccountView> = {}): AccountView {
  return {
    id, name, tag, colour: ((id - 1) % 4) + 1, displayName: 'James Smith', user, domain: 'sip.northgate.example', transport: 'udp', enabled: true, chosen: id === 1,
    password: 'keyring', registration: registered(), options: usualOptions(), outages: [], refused: nothingRefused(), ...more,
  };
}

export const officeLines = (): AccountView[] => [
  line(1, 'Sales', 'SA', '02079460102', { options: usualOptions({ forwarding: { noAnswer: { target: '216', afterSeconds: 25 } }, codes: { park: '700', pickUp: '*8', voicemail: '*97' } }) }),
  line(2, 'Support', 'SU', '02079460110', { transport: 'tcp' }),
  line(3, 'Direct', 'DI', '02079460155', { password: 'this_run' }),
];

export const practiceLine = (): AccountView => line(1, 'Practice', 'PR', 'you', { displayName: '', domain: '127.0.0.1:45060' });

const LINES = ['', 'Sales', 'Support', 'Direct'];

function entry(id: number, account: number, name: string, number: string, startedAt: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id, account, line: LINES[account] ?? '', direction: 'incoming', outcome: 'answered', name, number, address: number && `sip:${number}@sip.northgate.example`,
    reached: '102', called: '02079460100', startedAt, talkSeconds: 0, ringSeconds: 6, reason: '', pop: '', unseen: false, canCallBack: number !== '', ...more,
  };
}

const POP = 'https://crm.northgate.example/c?calling=01632960042&name=Maria%20Keller&ref=20418';
const missed = { outcome: 'missed', unseen: true, reason: 'The caller gave up' } as const;
const outgoing = { direction: 'outgoing', reached: '', called: '' } as const;

export const officeHistory = (): HistoryEntry[] => [
  entry(20, 1, 'Maria Keller', '01632960042', at(10, 42, 1), { talkSeconds: 728, pop: POP, reason: 'They hung up' }),
  entry(19, 2, '', '01632960118', at(10, 5), { ...missed, ringSeconds: 22 }),
  entry(18, 1, 'Ben Adeyemi', '01632960511', at(9, 51), { talkSeconds: 400 }),
  entry(17, 3, 'Tom Okafor', '214', at(9, 20), { ...outgoing, talkSeconds: 182 }),
  entry(16, 1, 'Hannah Lindqvist', '+4684105500', at(17, 36, 0, 1), { ...missed, ringSeconds: 31 }),
  entry(15, 1, 'Hannah Lindqvist', '+4684105500', at(17, 30, 0, 1), { ...missed, ringSeconds: 18 }),
  entry(14, 2, 'Luca Ferri', '221', at(16, 12, 0, 1), { talkSeconds: 58 }),
  entry(13, 1, 'Priya Raman', '01632960871', at(15, 47, 0, 1), { ...outgoing, talkSeconds: 495, quality: { codec: 'G.711 A-law', mosHundredths: 428, madeUpPermille: 4, jitterMs: 9, roundTripMs: 38 } }),
  entry(12, 2, 'Omar Haddad', '207', at(11, 2, 0, 2), { ...outgoing, outcome: 'failed', reason: 'Busy', ringSeconds: 0 }),
  entry(11, 1, '', '', at(9, 40, 0, 2), { outcome: 'declined', reason: 'You declined' }),
  entry(10, 2, 'Sara Nunes', '203', at(9, 12, 0, 3), { outcome: 'answered_elsewhere', reason: 'Answered on another phone' }),
];

export const officeSound = (): SoundView => ({
  inputs: [{ id: 'jabra-in', name: 'Jabra Evolve2' }, { id: 'laptop-in', name: 'Laptop microphone' }],
  outputs: [{ id: 'jabra-out', name: 'Jabra Evolve2' }, { id: 'laptop-out', name: 'Laptop speakers' }],
  microphone: 'jabra-in', speaker: 'jabra-out', silent: false,
});

export const officeRules = (): PopRule[] => [
  { account: 1, mode: 'after_answer', target: 'https://crm.northgate.example/c?to=$number$&called=$called$&calling=$caller$&name=$caller_name$&order=[sip.X-Order]&key=$key$&who=$callername$' },
  { account: 2, mode: 'manual', target: '/opt/my app/crm --caller $caller$ --name $caller_name$' },
  { account: 3, mode: 'disabled', target: '' },
];

export const officePops = (): PopLogEntry[] => [
  { id: 3, entry: 20, caller: 'Maria Keller', at: at(10, 42, 7), trigger: 'answered', target: POP, outcome: { type: 'opened', millis: 200 } },
  { id: 2, entry: 18, caller: 'Ben Adeyemi', at: at(9, 51, 20), trigger: 'answered', target: 'https://crm.northgate.example/c?calling=01632960511', outcome: { type: 'opened', millis: 300 } },
  { id: 1, entry: 16, caller: 'Hannah Lindqvist', at: at(17, 36, 44, 1), trigger: 'manual', target: 'https://crm.northgate.example/c?calling=%2B4684105500', outcome: { type: 'failed', text: 'No browser answered' } },
];

export const variables = (caller: string, name: string): Variable[] => [
  { name: '$caller$', source: 'call', value: caller },
  { name: '$caller_name$', source: 'call', value: name },
  { name: '$number$', source: 'call', value: '102' },
  { name: '$called$', source: 'call', value: '02079460100' },
  { name: '[sip.X-Order]', source: 'header', value: '20418' },
  { name: '$key$', source: 'custom', value: '•••• 6467' },
];

/** A call of the office. */
export function call(id: number, account: number, name: string, number: string, more: Partial<CallView> = {}): CallView {
  return {
    id, account, direction: 'incoming', state: 'incoming', remote: { name: name || undefined, number, address: `sip:${number}@sip.northgate.example` }, number: '02079460102',
    called: '02079460100', startedAt: Date.now() - 7000, heldByUs: false, heldByThem: false, holdPending: false, muted: false, silenced: false, ring: 'normal', digits: '', digitsHeard: '',
    canPop: true, variables: variables(number, name), timeline: [{ at: Date.now() - 7000, text: 'Rang on Sales' }],
    conference: false, emergency: false, anonymous: false, autoAnswered: false, redirects: [], ...more,
  };
}

export const goodSound: NonNullable<CallView['media']> = { codec: 'G.711 A-law', sent: 36400, received: 36390, lostPercent: 0.4, jitterMs: 11, roundTripMs: 38, bufferMs: 60, late: 2, madeUpPercent: 0.3, remoteLostPercent: 0.1, levelIn: 0.3, levelOut: 0.4, mos: 4.3, bars: 4 };

const watch = (id: number, label: string, target: string, more: Partial<WatchView> = {}): WatchView => ({ id, account: 1, target, label, lamp: { type: 'idle' }, pickUp: false, presence: { state: 'online', onThePhone: false }, ...more });

export const officeWatches = (): WatchView[] => [
  watch(1, 'Aiko Tanaka', '218'),
  watch(2, 'Tom Okafor', '214', { lamp: { type: 'busy' }, presence: { state: 'online', onThePhone: true } }),
  watch(3, 'Sara Nunes', '203', { lamp: { type: 'ringing', caller: 'Priya Raman' }, pickUp: true }),
  watch(4, 'Omar Haddad', '207', { presence: { state: 'do_not_disturb', note: 'Not till 14:00', onThePhone: false } }),
  watch(5, 'Luca Ferri', '221', { presence: { state: 'away', onThePhone: false } }),
  watch(6, 'Hugo Bauer', '230', { lamp: { type: 'unknown' }, presence: { state: 'offline', onThePhone: false } }),
];

const message = (id: number, text: string, time: number, more: Partial<MessageView> = {}): MessageView => ({ id, account: 1, line: 'Sales', peer: '203', name: 'Sara Nunes', number: '203', incoming: true, text, at: time, outcome: 'received', reason: '', unseen: false, ...more });

export const officeMessages = (): MessageView[] => [
  message(5, 'Can you take the Keller call at three?', at(10, 31), { unseen: true }),
  message(4, 'Sure. Who has the key to room 4?', at(9, 58), { incoming: false, outcome: 'delivered' }),
  message(3, 'Meeting moved to 11.', at(9, 52)),
  message(2, 'Call me when you are back', at(9, 2), { peer: '207', name: 'Omar Haddad', number: '207', incoming: false, outcome: 'failed', reason: 'Not reachable now' }),
];
