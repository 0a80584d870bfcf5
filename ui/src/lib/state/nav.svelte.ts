// Where in the window the person is. Everything here is the window's own; nothing of it reaches a call.
import type { HistoryEntry } from '../api';

export type SettingsPage = 'accounts' | 'sound' | 'general';

/** What the second pane shows; in a narrow window it covers the first. */
export type Pane =
  | { kind: 'entry'; entry: HistoryEntry }
  | { kind: 'settings'; page: SettingsPage }
  | { kind: 'account'; id: number | null }
  | { kind: 'watch'; id: number | null }
  | { kind: 'messages'; peer: string; name: string }
  | { kind: 'activity' };

export class Nav {
  tab = $state<'calls' | 'contacts' | 'keypad'>('calls');
  /** The first pane shows the call instead of the tabs. */
  inCall = $state(false);
  callView = $state<'panel' | 'keypad' | 'transfer'>('panel');
  pane = $state.raw<Pane | null>(null);
  /** The screen-pop page takes the whole window. */
  popStudio = $state(false);
  accountMenu = $state(false);
  /** The words beside the own state are being typed. */
  note = $state(false);
  /** Bumped to put the focus into the dial field. */
  wantDialField = $state(0);
  wide = $state(false);

  start() {
    const query = window.matchMedia('(min-width: 760px)');
    const set = () => {
      this.wide = query.matches;
      // The call's activity has its place beside the call, and covers it only when asked to.
      if (!this.wide && this.pane?.kind === 'activity') this.pane = null;
      else if (this.wide && this.inCall && !this.pane) this.pane = { kind: 'activity' };
    };
    set();
    query.addEventListener('change', set);
    return () => query.removeEventListener('change', set);
  }

  showCall() {
    this.inCall = true;
    this.callView = 'panel';
    if (!this.wide || this.pane?.kind === 'entry') this.pane = null;
    if (this.wide && !this.pane) this.pane = { kind: 'activity' };
  }

  leaveCall() {
    this.inCall = false;
    if (this.pane?.kind === 'activity') this.pane = null;
  }

  dialField() {
    this.leaveCall();
    this.popStudio = false;
    this.tab = 'calls';
    if (!this.wide) this.pane = null;
    this.wantDialField += 1;
  }

  settings(page: SettingsPage) {
    this.accountMenu = false;
    this.popStudio = false;
    this.pane = { kind: 'settings', page };
  }

  talk(peer: string, name: string) {
    this.accountMenu = false;
    this.popStudio = false;
    this.tab = 'contacts';
    this.pane = { kind: 'messages', peer, name };
  }

  pops() {
    this.accountMenu = false;
    this.popStudio = true;
  }

  /** One layer back; `false` when there is none. */
  back(): boolean {
    if (this.accountMenu) this.accountMenu = false;
    else if (this.popStudio) this.popStudio = false;
    else if (this.pane?.kind === 'account') this.pane = { kind: 'settings', page: 'accounts' };
    else if (this.inCall && this.callView !== 'panel') this.callView = 'panel';
    else if (this.pane && this.pane.kind !== 'activity') this.pane = this.inCall && this.wide ? { kind: 'activity' } : null;
    else if (this.pane && !this.wide) this.pane = null;
    else return false;
    return true;
  }
}
