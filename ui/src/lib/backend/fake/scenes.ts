// What the pretend backend starts with: one scene for each state worth looking at.
import type { AccountView, CallView, Notice, Snapshot } from '../../api';
import { ago, call, goodSound, officeHistory, officeLines, officeMessages, officePops, officeRules, officeSound, officeWatches, practiceLine } from './data';

const office = (): Snapshot => ({
  seq: 0, accounts: officeLines(), calls: [], presence: { state: 'online', onCall: false },
  settings: {
    theme: 'system', muteCallsDuringCall: true, allowedSchemes: ['crm'], customParameters: { id: '1234-5678-9012', key: 'k-7f3a6467' }, dialLinksAtOnce: false, onClose: 'ask', ringVolume: 80, alertUnreachable: true, emergencyNumbers: ['112', '911', '999', '000'],
  },
  sound: officeSound(), history: officeHistory(), unseen: { missed: 2, messages: 1 }, pops: officePops(), popRules: officeRules(), watches: officeWatches(), messages: officeMessages(), notices: [], version: '0.1.0', practice: false,
});

const maria = (more: Partial<CallView> = {}): CallView => {
  const c = call(1, 1, 'Maria Keller', '01632960042', more);
  return { ...c, remote: { ...c.remote, company: 'Keller & Sohn' } };
};
const priya = (more: Partial<CallView> = {}): CallView => {
  const c = call(2, 1, 'Priya Raman', '01632960871', more);
  return { ...c, remote: { ...c.remote, company: 'Brightwater Housing' } };
};

const aiko = (more: Partial<CallView> = {}): CallView =>
  call(3, 1, 'Aiko Tanaka', '218', { direction: 'outgoing', state: 'active', startedAt: Date.now() - 21_000, answeredAt: Date.now() - 18_000, ring: 'off', number: '', called: '', canPop: false, variables: [], media: goodSound, ...more });

const talking = (more: Partial<CallView> = {}): CallView => {
  const start = Date.now() - 734_000;
  return maria({
    state: 'active', startedAt: start, answeredAt: start + 6000, ring: 'off', media: goodSound, encryption: { level: 'full', cipher: 'AES-256-GCM' },
    pop: { id: 3, entry: 20, caller: 'Maria Keller', at: start + 6000, trigger: 'answered', target: 'https://crm.northgate.example/c?calling=01632960042&name=Maria%20Keller&ref=20418', outcome: { type: 'opened', millis: 200 } },
    timeline: [
      { at: start, text: 'Rang on Sales' },
      { at: start + 6000, text: 'You answered' },
      { at: start + 6200, text: 'Screen pop opened' },
      { at: start + 661_000, text: 'Muted' },
    ],
    ...more,
  });
};

const failed = (a: AccountView): AccountView => ({
  ...a,
  outages: [{ from: Date.now() - 130_000 }],
  registration: { type: 'failed', since: Date.now() - 130_000, reason: 'no_answer', text: 'sip.northgate.example does not answer. Check the network, or ask whether the exchange is running.', retryAt: Date.now() + 6000 },
});

const SHA = 'E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55';
const untrusted = (a: AccountView, trustedBefore?: string): AccountView => {
  const fault = trustedBefore ? 'The server shows another certificate than the one you trusted.' : 'The certificate is for pbx.northgate.example, not for sip.northgate.example.';
  return {
    ...a,
    transport: 'tls',
    ...(trustedBefore && { pinnedCertificate: trustedBefore }),
    registration: {
      type: 'failed', since: Date.now() - 130_000, reason: trustedBefore ? 'certificate_changed' : 'untrusted_certificate', text: `Callers cannot reach you on ${a.name}. ${fault}`,
      certificate: {
        sha256: SHA, subject: 'CN=pbx.northgate.example, O=Northgate', issuer: 'CN=Northgate Internal CA', names: ['pbx.northgate.example'], validFrom: Date.UTC(2026, 0, 1), validTo: Date.UTC(2027, 0, 1), fault,
        ...(trustedBefore && { trustedBefore }),
      },
    },
  };
};

const notice = (key: string, level: Notice['level'], text: string): Notice => ({ key, level, text });

/** The start of `scene`. */
export function scene(name: string): Snapshot {
  const s = office();
  switch (name) {
    case 'incoming':
      return { ...s, calls: [maria()] };
    case 'unknown':
      return { ...s, calls: [{ ...call(1, 2, '', '01632960118'), canPop: false }] };
    case 'second':
      return { ...s, calls: [priya({ ring: 'off', startedAt: Date.now() - 4000 }), talking()], presence: { state: 'online', onCall: true } };
    case 'in-call':
      return { ...s, calls: [talking({ muted: true }), priya({ state: 'active', heldByUs: true, answeredAt: ago(2.25), ring: 'off', media: goodSound })], presence: { state: 'online', onCall: true } };
    case 'on-hold':
      return { ...s, calls: [talking({ heldByUs: true, heldByThem: true })], presence: { state: 'online', onCall: true } };
    case 'ringing':
      return { ...s, calls: [maria({ direction: 'outgoing', state: 'ringing', number: '', called: '', canPop: false, variables: [] })], presence: { state: 'online', onCall: true } };
    case 'transfer-failed':
      return { ...s, calls: [talking({ transfer: { target: '207', state: 'failed', text: 'Omar did not answer. Maria is back with you.' } })], presence: { state: 'online', onCall: true } };
    case 'asking':
      return { ...s, calls: [aiko({ consult: { with: 1, role: 'asked' } }), talking({ heldByUs: true, consult: { with: 3, role: 'waiting' } })], presence: { state: 'online', onCall: true } };
    case 'asking-ringing':
      return { ...s, calls: [aiko({ state: 'ringing', answeredAt: undefined, media: undefined, consult: { with: 1, role: 'asked' } }), talking({ heldByUs: true, consult: { with: 3, role: 'waiting' } })], presence: { state: 'online', onCall: true } };
    case 'conference':
      return { ...s, calls: [aiko({ conference: true }), talking({ conference: true })], presence: { state: 'online', onCall: true } };
    case 'referral':
      return { ...s, calls: [talking({ referral: { target: 'Aiko Tanaka (218)', by: 'Maria Keller' } })], presence: { state: 'online', onCall: true } };
    case 'redirected':
      return {
        ...s,
        calls: [maria({
          direction: 'outgoing', state: 'ended', number: '', called: '', canPop: false, variables: [], ring: 'off', end: { reason: 'redirected', text: 'To be called at 01632 960771', at: Date.now() },
          redirects: [{ target: 'sip:01632960771@sip.northgate.example', shown: '01632 960771' }],
        })],
      };
    case 'silent-line':
      return { ...s, calls: [talking({ silentSeconds: 9, media: { ...goodSound, bars: 1, codec: 'G.711 A-law' } })], presence: { state: 'online', onCall: true } };
    case 'ended':
      return { ...s, calls: [maria({ direction: 'outgoing', state: 'ended', number: '', called: '', canPop: false, variables: [], ring: 'off', end: { reason: 'busy', text: 'Busy', at: Date.now() } })] };
    case 'lost':
      return { ...s, accounts: s.accounts.map((a, k) => (k === 0 ? failed(a) : a)) };
    case 'untrusted':
      return { ...s, accounts: s.accounts.map((a, k) => (k === 0 ? untrusted(a) : a)) };
    case 'certificate-changed':
      return { ...s, accounts: s.accounts.map((a, k) => (k === 0 ? untrusted(a, SHA.replace('E3', '00')) : a)) };
    case 'no-sound':
      return {
        ...s, calls: [talking()], presence: { state: 'online', onCall: true }, sound: { inputs: [], outputs: [], silent: true },
        notices: [notice('no_sound_card', 'warning', 'There is no sound device. Calls go on without sound; plug one in and it is used at once.'), notice('no_keyring', 'info', 'There is no keyring here. Passwords are kept until Parley is closed.')],
      };
    case 'voicemail':
      return {
        ...s, accounts: s.accounts.map((a, k) => (k === 0 ? { ...a, voicemail: { waiting: true, new: 2, old: 5, target: 'sip:613@sip.northgate.example' } } : a)),
        notices: [notice('message', 'info', 'Sara Nunes: Can you take the Keller call at three?')], unseen: { missed: 2, messages: 1 },
      };
    case 'first-run':
      return { ...s, accounts: [practiceLine()], watches: [], messages: [], history: [], pops: [], popRules: [{ account: 1, mode: 'disabled', target: '' }], unseen: { missed: 0, messages: 0 }, practice: true };
    case 'no-lines':
      return { ...s, accounts: [], watches: [], messages: [], history: [], pops: [], popRules: [], unseen: { missed: 0, messages: 0 } };
    case 'dnd':
      return { ...s, presence: { state: 'do_not_disturb', onCall: false } };
    default:
      return s;
  }
}
