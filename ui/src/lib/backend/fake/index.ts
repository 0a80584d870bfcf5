// A pretend engine in memory: believable enough for tests, development and pictures. Never part of a release build.
import type { AccountView, ApiError, CallView, Event, HistoryEntry, MessageView, Reply, Request, Snapshot, SoundRole, View, ViewRef, WatchView } from '../../api';
import { order } from '../../settings/devices';
import type { Backend } from '../backend';
import { call, goodSound, nothingRefused, usualOptions } from './data';
import { previewPop, readTarget, templateFault } from './read';
import { scene } from './scenes';

const refuse = (code: ApiError['code'], message: string, field?: string): ApiError => ({ code, message, ...(field && { field }) });
const DONE: Reply = { type: 'done' };

export interface FakeBackend extends Backend {
  /** Every request so far. */
  readonly asked: Request[];
  /** Says something as the engine would. */
  emit(event: Event): void;
  /** Publishes views as the next update. */
  publish(upserts: View[], removals?: ViewRef[]): void;
  /** A call comes in. */
  ringIn(name: string, number: string, account?: number): number;
  readonly state: Snapshot;
}

export function fakeBackend(name = 'office'): FakeBackend {
  return new Fake(scene(name));
}

class Fake implements FakeBackend {
  readonly asked: Request[] = [];
  #listeners = new Set<(event: Event) => void>();
  #next = 100;
  #playing: { entry?: number; atMs: number; lengthMs: number; paused: boolean } = { atMs: 0, lengthMs: 0, paused: false };

  constructor(readonly state: Snapshot) {
    if (typeof window !== 'undefined') Object.assign(window, { fake: this });
    setInterval(() => this.#levels(), 200);
  }

  async subscribe(on: (event: Event) => void) {
    this.#listeners.add(on);
    return () => void this.#listeners.delete(on);
  }

  async hideWindow() {}
  async showWindow() {}
  async quit() {}
  async cardHeight() {}

  emit(event: Event) {
    for (const on of this.#listeners) on(event);
  }

  publish(upserts: View[], removals: ViewRef[] = []) {
    this.state.seq += 1;
    this.emit({ type: 'update', seq: this.state.seq, upserts, removals });
  }

  ringIn(name: string, number: string, account = 1): number {
    const busy = this.state.calls.some((c) => c.state === 'active');
    const view = call(this.#next++, account, name, number, { startedAt: Date.now(), ring: busy ? 'subtle' : 'normal' });
    this.state.calls = [view, ...this.state.calls];
    this.publish([{ type: 'call', value: view }]);
    return view.id;
  }

  async request(request: Request): Promise<Reply> {
    this.asked.push(request);
    await Promise.resolve();
    return this.#answer(structuredClone(request));
  }

  #answer(r: Request): Reply {
    switch (r.type) {
      case 'snapshot': return { type: 'snapshot', snapshot: structuredClone(this.state) };
      case 'read_target': {
        const read = readTarget(r.text);
        if (!read) throw refuse('not_dialable', 'This is not a number and not an address.');
        return { type: 'target', ...read };
      }
      case 'dial': return this.#dial(r.target, r.account);
      case 'answer': return this.#answerCall(r.call, r.others ?? 'hold');
      case 'decline': return this.#end(r.call, 'declined', 'You declined');
      case 'silence': return this.#change(r.call, { silenced: true, ring: 'off' });
      case 'hang_up': return this.#end(r.call, 'hung_up_here', 'You hung up');
      case 'hold': return this.#change(r.call, { heldByUs: true });
      case 'resume':
        for (const c of this.state.calls) if (c.id !== r.call && c.state === 'active') this.#change(c.id, { heldByUs: true });
        return this.#change(r.call, { heldByUs: false });
      case 'swap':
      case 'leave_conference': {
        for (const c of this.state.calls) if (c.state === 'active') this.#change(c.id, { heldByUs: c.id !== r.call, conference: false });
        return DONE;
      }
      case 'forward': return this.#end(r.call, 'forwarded', `Forwarded to ${r.target}`);
      case 'consult': return this.#consult(r.call, r.target);
      case 'complete_transfer': return this.#complete(r.call, r.with);
      case 'cancel_consult': return this.#cancelConsult(r.call);
      case 'conference':
        if (r.calls.length < 2) throw refuse('invalid', 'A conference takes two connected calls or more.', 'calls');
        for (const id of r.calls) this.#change(id, { heldByUs: false, conference: true });
        return DONE;
      case 'follow_redirect': return this.#dial(r.target, this.#call(r.call).account, { follows: r.call });
      case 'answer_referral': {
        const asked = this.#call(r.call).referral;
        if (!asked) throw refuse('not_now', 'The other end no longer asks for that.');
        this.#change(r.call, { referral: undefined });
        return r.accept ? this.#dial(asked.target, this.#call(r.call).account) : DONE;
      }
      case 'park': {
        const code = this.state.accounts.find((a) => a.id === this.#call(r.call).account)?.options.codes.park;
        if (!code) throw refuse('not_now', 'This line has no park code. Enter it in the line’s settings first.');
        return this.#end(r.call, 'transferred', `Transferred to ${code}${r.place ?? ''}`);
      }
      case 'pick_up_number': {
        const line = r.account ?? this.state.accounts.find((a) => a.chosen)?.id;
        const code = this.state.accounts.find((a) => a.id === line)?.options.codes.pickUp;
        if (!code) throw refuse('not_now', 'This line has no pick-up code. Enter it in the line’s settings first.');
        return this.#dial(`${code}${r.number ?? ''}`, line);
      }
      case 'redial': {
        const last = this.state.history.find((e) => e.direction === 'outgoing' && e.canCallBack);
        if (!last) throw refuse('not_now', 'No number has been called yet.');
        return this.#dial(last.number, last.account);
      }
      case 'record': return this.#change(r.call, { recording: r.on ? 'running' : 'off' });
      case 'pause_recording': return this.#change(r.call, { recording: r.on ? 'paused' : 'running' });
      case 'play_recording':
        this.#playing = { entry: r.entry, atMs: r.atMs, lengthMs: 1000 * (this.state.history.find((e) => e.id === r.entry)?.talkSeconds ?? 0), paused: false };
        this.emit({ type: 'playback', ...this.#playing });
        return DONE;
      case 'pause_playback':
        this.#playing = { ...this.#playing, paused: r.on };
        this.emit({ type: 'playback', ...this.#playing });
        return DONE;
      case 'stop_playback':
        this.emit({ type: 'playback', atMs: 0, lengthMs: 0, paused: false });
        return DONE;
      case 'mute': return this.#change(r.call, { muted: r.on });
      case 'send_digits': return this.#change(r.call, { digits: this.#call(r.call).digits + r.digits });
      case 'transfer':
        if (!readTarget(r.target)) throw refuse('not_dialable', 'This is not a number and not an address.');
        setTimeout(() => this.#change(r.call, { transfer: { target: r.target, state: 'failed', text: `${r.target} did not answer. The caller is back with you.` } }), 1500);
        return this.#change(r.call, { transfer: { target: r.target, state: 'pending', text: `Passing the call to ${r.target}` } });
      case 'set_presence':
        this.state.presence = { ...this.state.presence, state: r.state, ...(r.note !== undefined && { note: r.note.trim() || undefined }) };
        this.publish([{ type: 'presence', value: this.state.presence }]);
        return DONE;
      case 'save_account': return this.#saveAccount(r.account);
      case 'remove_account':
        this.state.accounts = this.state.accounts.filter((a) => a.id !== r.account);
        this.publish([], [{ type: 'account', id: r.account }]);
        return DONE;
      case 'register_now': {
        const account = this.state.accounts.find((a) => a.id === r.account);
        if (!account) throw refuse('no_such_account', 'This account is gone.');
        account.registration = { type: 'registering', since: Date.now() };
        this.publish([{ type: 'account', value: structuredClone(account) }]);
        return DONE;
      }
      case 'trust_certificate': {
        const account = this.state.accounts.find((a) => a.id === r.account);
        if (!account) throw refuse('no_such_account', 'This account is gone.');
        if (account.registration.type !== 'failed' || account.registration.certificate?.sha256 !== r.sha256) throw refuse('not_now', 'The server no longer shows this certificate. Look at what it shows now.');
        account.pinnedCertificate = r.sha256;
        account.registration = { type: 'registering', since: Date.now() };
        this.publish([{ type: 'account', value: structuredClone(account) }]);
        return DONE;
      }
      case 'choose_line':
        for (const a of this.state.accounts) a.chosen = a.id === r.account;
        this.publish(this.state.accounts.map((value) => ({ type: 'account', value: structuredClone(value) })));
        return DONE;
      case 'search_history': return this.#search(r.text ?? '', r.filter ?? 'all', r.before ?? Infinity, r.limit ?? 100);
      case 'delete_history':
        this.state.history = this.state.history.filter((e) => !r.entries.includes(e.id));
        this.publish([], r.entries.map((id) => ({ type: 'history', id })));
        return DONE;
      case 'clear_history':
        this.state.history = [];
        this.publish([], [{ type: 'all_history' }]);
        return DONE;
      case 'mark_seen':
        this.state.unseen = { ...this.state.unseen, missed: 0 };
        this.publish([{ type: 'unseen', value: this.state.unseen }]);
        return DONE;
      case 'save_pop_rule': {
        const fault = r.rule.mode === 'disabled' ? undefined : templateFault(r.rule.target, this.state.settings.allowedSchemes);
        if (fault) throw refuse('invalid', fault, 'target');
        this.state.popRules = [...this.state.popRules.filter((x) => x.account !== r.rule.account), r.rule];
        this.publish([{ type: 'pop_rule', value: r.rule }]);
        return DONE;
      }
      case 'preview_pop': {
        const fault = templateFault(r.rule.target, this.state.settings.allowedSchemes);
        if (fault) throw refuse('invalid', fault, 'target');
        return { type: 'pop_preview', preview: previewPop(r.rule.target, this.state.settings.customParameters) };
      }
      case 'choose_device':
        return this.#prefer(r.role, r.device === undefined ? [] : [r.device, ...order(this.state.sound, r.role).map((d) => d.id).filter((id) => id !== r.device)]);
      case 'prefer_devices':
        return this.#prefer(r.role, r.devices);
      case 'meter_sound':
        return DONE;
      case 'save_settings':
        this.state.settings = r.settings;
        this.publish([{ type: 'settings', value: r.settings }]);
        return DONE;
      case 'dismiss_notice':
        this.state.notices = this.state.notices.filter((n) => n.key !== r.key);
        this.publish([], [{ type: 'notice', id: r.key }]);
        return DONE;
      case 'save_watch': {
        const read = readTarget(r.watch.target);
        if (!read) throw refuse('not_dialable', 'This is not a number and not an address.', 'target');
        const id = r.watch.id ?? this.#next++;
        const value: WatchView = { id, account: r.watch.account ?? 1, target: read.target, label: r.watch.label?.trim() || read.shown, lamp: { type: 'idle' }, pickUp: false };
        this.state.watches = [...this.state.watches.filter((w) => w.id !== id), value];
        this.publish([{ type: 'watch', value }]);
        return { type: 'watch', watch: id };
      }
      case 'remove_watch':
        this.state.watches = this.state.watches.filter((w) => w.id !== r.watch);
        this.publish([], [{ type: 'watch', id: r.watch }]);
        return DONE;
      case 'pick_up': {
        const watch = this.state.watches.find((w) => w.id === r.watch);
        if (!watch?.pickUp) throw refuse('not_now', 'Nothing rings there any more.');
        return this.#dial(watch.target, watch.account);
      }
      case 'call_voicemail': {
        const line = this.state.accounts.find((a) => (r.account === undefined ? a.chosen : a.id === r.account));
        if (!line?.voicemail?.target) throw refuse('not_now', 'The server does not say how to call the mailbox.');
        return this.#dial('613', line.id);
      }
      case 'send_message': return this.#send(r.target, r.text, r.account);
      case 'messages': {
        const found = this.state.messages.filter((m) => (r.peer === undefined || m.peer === r.peer) && m.id < (r.before ?? Infinity));
        return { type: 'messages', messages: found.slice(0, r.limit ?? 50), more: found.length > (r.limit ?? 50) };
      }
      case 'mark_messages_seen':
        this.state.messages = this.state.messages.map((m) => (r.peer === undefined || m.peer === r.peer ? { ...m, unseen: false } : m));
        this.state.unseen = { ...this.state.unseen, messages: this.state.messages.filter((m) => m.unseen).length };
        this.state.notices = this.state.notices.filter((n) => n.key !== 'message');
        this.publish([{ type: 'unseen', value: this.state.unseen }], [{ type: 'notice', id: 'message' }]);
        return DONE;
      case 'open_pop':
      case 'retry_pop':
      case 'test_sound':
        return DONE;
    }
  }

  #prefer(role: SoundRole, ids: string[]): Reply {
    const { sound } = this.state;
    const known = [...sound.inputs, ...sound.outputs, ...sound.orders.flatMap((o) => o.devices)];
    const devices = ids.map((id) => known.find((d) => d.id === id) ?? { id, name: id });
    this.state.sound = { ...sound, orders: sound.orders.map((o) => (o.role === role ? { role, devices } : o)) };
    this.publish([{ type: 'sound', value: this.state.sound }]);
    return DONE;
  }

  #call(id: number): CallView {
    const found = this.state.calls.find((c) => c.id === id);
    if (!found) throw refuse('no_such_call', 'This call is over.');
    return found;
  }

  #change(id: number, part: Partial<CallView>): Reply {
    const view = { ...this.#call(id), ...part };
    this.state.calls = this.state.calls.map((c) => (c.id === id ? view : c));
    this.publish([{ type: 'call', value: view }]);
    return DONE;
  }

  #consult(id: number, target: string): Reply {
    const first = this.#call(id);
    const reply = this.#dial(target, first.account, { consult: { with: id, role: 'asked' } });
    if (reply.type === 'call') this.#change(id, { heldByUs: true, consult: { with: reply.call, role: 'waiting' } });
    return reply;
  }

  #complete(id: number, other = this.#call(id).consult?.with ?? this.state.calls.find((c) => c.conference && c.id !== id)?.id): Reply {
    if (other === undefined) throw refuse('not_now', 'Nobody was asked about this call; say with which call to connect it.');
    const [one, two] = [this.#call(id), this.#call(other)];
    this.#end(other, 'transferred', `Transferred to ${one.remote.name ?? one.remote.number}`);
    return this.#end(id, 'transferred', `Transferred to ${two.remote.name ?? two.remote.number}`);
  }

  #cancelConsult(id: number): Reply {
    const consult = this.#call(id).consult;
    if (!consult) throw refuse('not_now', 'Nobody was asked about this call; say with which call to connect it.');
    const [first, second] = consult.role === 'waiting' ? [id, consult.with] : [consult.with, id];
    this.#end(second, 'hung_up_here', 'You hung up');
    return this.#change(first, { heldByUs: false, consult: undefined });
  }

  #dial(text: string, account?: number, more: Partial<CallView> = {}): Reply {
    const read = readTarget(text);
    if (!read) throw refuse('not_dialable', 'This is not a number and not an address.');
    const line = account ?? this.state.accounts.find((a) => a.chosen)?.id;
    if (line === undefined) throw refuse('no_account', 'There is no line to call from. Add one first.');
    const id = this.#next++;
    const view = call(id, line, '', read.shown, { direction: 'outgoing', state: 'calling', number: '', called: '', startedAt: Date.now(), canPop: false, variables: [], timeline: [], ...more });
    this.state.calls = [view, ...this.state.calls];
    this.publish([{ type: 'call', value: view }]);
    const later = (ms: number, part: Partial<CallView>) => setTimeout(() => this.state.calls.some((c) => c.id === id && c.state !== 'ended') && this.#change(id, part), ms);
    later(300, { state: 'ringing' });
    later(1200, { state: 'active', answeredAt: Date.now() + 1200, media: goodSound });
    return { type: 'call', call: id };
  }

  #send(target: string, text: string, account?: number): Reply {
    const read = readTarget(target);
    if (!read) throw refuse('not_dialable', 'This is not a number and not an address.', 'target');
    if (!text.trim()) throw refuse('invalid', 'There is nothing to send.', 'text');
    const line = this.state.accounts.find((a) => (account === undefined ? a.chosen : a.id === account));
    if (!line) throw refuse('no_account', 'There is no line to write from. Add one first.');
    const value: MessageView = {
      id: this.#next++, account: line.id, line: line.name, peer: read.target, name: '', number: read.shown, incoming: false, text: text.trim(), at: Date.now(), outcome: 'delivered', reason: '', unseen: false,
    };
    this.state.messages = [value, ...this.state.messages];
    this.publish([{ type: 'message', value }]);
    return DONE;
  }

  #answerCall(id: number, others: 'hold' | 'end'): Reply {
    for (const c of this.state.calls) {
      if (c.id === id || c.state !== 'active') continue;
      if (others === 'hold') this.#change(c.id, { heldByUs: true });
      else this.#end(c.id, 'hung_up_here', 'You hung up');
    }
    return this.#change(id, { state: 'active', answeredAt: Date.now(), ring: 'off', media: goodSound });
  }

  #end(id: number, reason: NonNullable<CallView['end']>['reason'], text: string): Reply {
    const was = this.#call(id);
    this.#change(id, { state: 'ended', ring: 'off', end: { reason, text, at: Date.now() } });
    const entry: HistoryEntry = {
      id: this.#next++, account: was.account, line: 'Sales', direction: was.direction, outcome: reason === 'declined' ? 'declined' : was.answeredAt ? 'answered' : 'cancelled', name: was.remote.name ?? '',
      number: was.remote.number, address: was.remote.address, reached: was.number, called: was.called, startedAt: was.startedAt, talkSeconds: was.answeredAt ? Math.round((Date.now() - was.answeredAt) / 1000) : 0,
      ringSeconds: 3, reason: text, pop: '', unseen: false, recorded: was.recording !== 'off', canCallBack: true,
    };
    this.state.history = [entry, ...this.state.history];
    this.publish([{ type: 'history', value: entry }]);
    setTimeout(() => {
      this.state.calls = this.state.calls.filter((c) => c.id !== id);
      this.publish([], [{ type: 'call', id }]);
    }, 10_000);
    return DONE;
  }

  #saveAccount(draft: Extract<Request, { type: 'save_account' }>['account']): Reply {
    if (/\s/.test(draft.domain)) throw refuse('invalid', 'A domain has no spaces.', 'domain');
    const old = this.state.accounts.find((a) => a.id === draft.id);
    const { password, ...rest } = draft;
    const view: AccountView = {
      tag: draft.name.slice(0, 2).toUpperCase(), colour: old?.colour ?? (this.state.accounts.length % 4) + 1, chosen: old?.chosen ?? this.state.accounts.length === 0,
      ...rest, id: old?.id ?? this.#next++, displayName: draft.displayName ?? '', transport: draft.transport ?? 'auto', enabled: draft.enabled ?? true, password: password === undefined ? (old?.password ?? 'none') : 'this_run',
      registration: { type: 'registering', since: Date.now() }, options: draft.options ?? old?.options ?? usualOptions(), outages: old?.outages ?? [], refused: old?.refused ?? nothingRefused(),
    };
    this.state.accounts = old ? this.state.accounts.map((a) => (a.id === view.id ? view : a)) : [...this.state.accounts, view];
    this.publish([{ type: 'account', value: view }]);
    return { type: 'account', account: view.id, password: view.password };
  }

  #search(text: string, filter: 'all' | 'missed', before: number, limit: number): Reply {
    const wanted = text.trim().toLowerCase();
    const digits = wanted.replace(/[^\d+]/g, '');
    const found = this.state.history.filter(
      (e) => e.id < before && (filter === 'all' || e.outcome === 'missed') && (!wanted || e.name.toLowerCase().includes(wanted) || (digits !== '' && e.number.includes(digits))),
    );
    return { type: 'history', entries: structuredClone(found.slice(0, limit)), more: found.length > limit };
  }

  #levels() {
    if (!this.state.calls.some((c) => c.state === 'active')) return;
    this.emit({ type: 'levels', microphone: 0.35 + 0.3 * Math.abs(Math.sin(Date.now() / 700)), speaker: 0.5 });
  }
}
