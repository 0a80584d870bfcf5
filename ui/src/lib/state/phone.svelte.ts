// The state of the phone as the engine tells it: a snapshot, then updates in order. Nothing here advances a call.
import type {
  AccountView, ApiError, CallView, Event, MessageView, Notice, PopLogEntry, PopRule, PresenceView, Reply, Request, Settings, Snapshot, SoundView, UnseenView, View, ViewRef,
  WatchView,
} from '../api';
import { asApiError, type Backend } from '../backend/backend';
import { HistoryList } from './history.svelte';

type Update = Extract<Event, { type: 'update' }>;

const NO_SETTINGS: Settings = { theme: 'system', muteCallsDuringCall: false, allowedSchemes: [], customParameters: {}, dialLinksAtOnce: false, onClose: 'ask', ringVolume: 80, alertUnreachable: true, emergencyNumbers: [], recordCalls: 'on_request', announceRecording: true, holdTune: true, ringtone: 'marimba', toneCountry: '', voice: { cancelEcho: true, noise: 'normal', gain: true, limitShocks: true, levelCallers: true, cleanCallers: false } };
const RETRY_MS = 1000;
const POPS_KEPT = 50;
const MESSAGES_KEPT = 100;


/** Where the playing of a recording is. */
export interface Playback {
  entry?: number;
  atMs: number;
  lengthMs: number;
  paused: boolean;
}
export class Phone {
  status = $state<'starting' | 'ready'>('starting');
  accounts = $state.raw<AccountView[]>([]);
  calls = $state.raw<CallView[]>([]);
  presence = $state.raw<PresenceView>({ state: 'online', onCall: false });
  settings = $state.raw<Settings>(NO_SETTINGS);
  sound = $state.raw<SoundView>({ inputs: [], outputs: [], orders: [], inUse: [], silent: false });
  unseen = $state.raw<UnseenView>({ missed: 0, messages: 0 });
  pops = $state.raw<PopLogEntry[]>([]);
  popRules = $state.raw<PopRule[]>([]);
  watches = $state.raw<WatchView[]>([]);
  /** The newest messages, newest first. */
  messages = $state.raw<MessageView[]>([]);
  notices = $state.raw<Notice[]>([]);
  /** The desktop's own notices; they come with events only. */
  desktopNotices = $state.raw<Notice[]>([]);
  levels = $state.raw({ microphone: 0, speaker: 0 });
  /** The recording that is played; `entry` is absent when none is. */
  playback = $state.raw<Playback>({ atMs: 0, lengthMs: 0, paused: false });
  version = $state('');
  practice = $state(false);
  /** The last wish that was refused, for the person to read. */
  complaint = $state.raw<ApiError | null>(null);
  /** Text that a link asks to have in the dial field. */
  prefill = $state.raw<{ target: string } | null>(null);
  /** A notification asks for this conversation. */
  wantTalk = $state.raw<{ peer: string; name: string } | null>(null);
  /** The window was asked to close. */
  closing = $state.raw<{ tray: boolean } | null>(null);
  history: HistoryList;

  #seq = 0;
  #waiting: Update[] | null = [];
  #stop: (() => void) | undefined;

  constructor(readonly backend: Backend) {
    this.history = new HistoryList((request) => backend.request(request));
  }

  /** Follows the engine from now on. */
  async connect() {
    this.#stop = await this.backend.subscribe((event) => this.receive(event));
    await this.#resync();
  }

  disconnect() {
    this.#stop?.();
  }

  /** Asks and throws the refusal: for forms that show it beside a field. */
  request(request: Request): Promise<Reply> {
    return this.backend.request(request);
  }

  /** Asks; a refusal is shown to the person. `undefined` when refused. */
  async ask(request: Request): Promise<Reply | undefined> {
    try {
      const reply = await this.backend.request(request);
      this.complaint = null;
      return reply;
    } catch (fault) {
      this.complaint = asApiError(fault);
      return undefined;
    }
  }

  account(id: number): AccountView | undefined {
    return this.accounts.find((a) => a.id === id);
  }

  /** The line outgoing calls use. */
  get chosen(): AccountView | undefined {
    return this.accounts.find((a) => a.chosen) ?? this.accounts[0];
  }

  /** The last screen pop of a history entry, if it is still known. */
  popOf(entry: number): PopLogEntry | undefined {
    return this.pops.find((p) => p.entry === entry);
  }

  /** Saves settings with some of them changed. */
  async change(part: Partial<Settings>): Promise<boolean> {
    return (await this.ask({ type: 'save_settings', settings: { ...this.settings, ...part } })) !== undefined;
  }

  receive(event: Event) {
    switch (event.type) {
      case 'update':
        if (this.#waiting) this.#waiting.push(event);
        else this.#apply(event);
        break;
      case 'levels':
        this.levels = event;
        break;
      case 'playback':
        this.playback = event;
        break;
      case 'prefill':
        this.prefill = { target: event.target };
        break;
      case 'close_asked':
        this.closing = { tray: event.tray };
        break;
      case 'show_messages':
        this.wantTalk = { peer: event.peer, name: event.name };
        break;
      case 'desktop_notices':
        this.desktopNotices = event.notices;
        break;
    }
  }

  /** Takes a new snapshot; updates that arrive meanwhile wait for it. */
  async #resync() {
    this.#waiting ??= [];
    let snapshot: Snapshot | undefined;
    while (!snapshot) {
      const reply = await this.backend.request({ type: 'snapshot' }).catch(() => undefined);
      if (reply?.type === 'snapshot') snapshot = reply.snapshot;
      else await new Promise((done) => setTimeout(done, RETRY_MS));
    }
    this.#take(snapshot);
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const update of waiting) this.receive(update);
    this.status = 'ready';
  }

  #take(s: Snapshot) {
    this.#seq = s.seq;
    this.accounts = s.accounts;
    this.calls = s.calls;
    this.presence = s.presence;
    this.settings = s.settings;
    this.sound = s.sound;
    this.unseen = s.unseen;
    this.pops = s.pops;
    this.popRules = s.popRules;
    this.watches = s.watches;
    this.messages = s.messages;
    this.notices = s.notices;
    this.version = s.version;
    this.practice = s.practice;
    this.history.start(s.history);
  }

  #apply(update: Update) {
    if (update.seq <= this.#seq) return; // the snapshot had it already
    if (update.seq !== this.#seq + 1) {
      this.#waiting = [update];
      void this.#resync();
      return;
    }
    this.#seq = update.seq;
    for (const view of update.upserts) this.#upsert(view);
    for (const gone of update.removals) this.#remove(gone);
  }

  #upsert(view: View) {
    switch (view.type) {
      case 'account': this.accounts = put(this.accounts, view.value, 'last'); break;
      case 'call': this.calls = put(this.calls, view.value, 'first'); break;
      case 'presence': this.presence = view.value; break;
      case 'settings': this.settings = view.value; break;
      case 'sound': this.sound = view.value; break;
      case 'history': this.history.upsert(view.value); break;
      case 'unseen': this.unseen = view.value; break;
      case 'pop_rule': this.popRules = [...this.popRules.filter((r) => r.account !== view.value.account), view.value]; break;
      case 'pop': this.pops = put(this.pops, view.value, 'first').slice(0, POPS_KEPT); break;
      case 'watch': this.watches = put(this.watches, view.value, 'last'); break;
      case 'message': this.messages = put(this.messages, view.value, 'first').slice(0, MESSAGES_KEPT); break;
      case 'notice': this.notices = [...this.notices.filter((n) => n.key !== view.value.key), view.value]; break;
    }
  }

  #remove(gone: ViewRef) {
    switch (gone.type) {
      case 'account':
        this.accounts = this.accounts.filter((a) => a.id !== gone.id);
        this.popRules = this.popRules.filter((r) => r.account !== gone.id);
        break;
      case 'call': this.calls = this.calls.filter((c) => c.id !== gone.id); break;
      case 'history': this.history.remove(gone.id); break;
      case 'all_history': this.history.clear(); break;
      case 'watch': this.watches = this.watches.filter((w) => w.id !== gone.id); break;
      case 'notice': this.notices = this.notices.filter((n) => n.key !== gone.id); break;
    }
  }
}

/** Replaces the view with the same number, or adds it. */
function put<T extends { id: number }>(list: T[], view: T, where: 'first' | 'last'): T[] {
  const at = list.findIndex((v) => v.id === view.id);
  if (at >= 0) return list.with(at, view);
  return where === 'first' ? [view, ...list] : [...list, view];
}
