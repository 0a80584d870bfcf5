// Which presence glyph stands for what. The drawings are our own because they must read at 14 px.
import type { AccountView, PresenceState, PresenceView } from '../api';
import type { WordKey } from '../words';

export type Presence = 'online' | 'away' | 'busy' | 'dnd' | 'call' | 'ringing' | 'offline' | 'lost';

export const glyphOf: Record<PresenceState, Presence> = { online: 'online', away: 'away', busy: 'busy', do_not_disturb: 'dnd', invisible: 'offline' };

/** The states a person chooses from, in order. */
export const STATES: { state: PresenceState; word: WordKey }[] = [
  { state: 'online', word: 'presence-online' },
  { state: 'away', word: 'presence-away' },
  { state: 'busy', word: 'presence-busy' },
  { state: 'do_not_disturb', word: 'presence-dnd' },
  { state: 'invisible', word: 'presence-invisible' },
];

/** What my own frame shows, and its word. */
export function mine(presence: PresenceView, line: AccountView | undefined): { glyph: Presence; word: WordKey } {
  if (line?.registration.type === 'failed') return { glyph: 'lost', word: 'presence-lost' };
  if (presence.onCall && presence.state !== 'do_not_disturb') return { glyph: 'call', word: 'presence-call' };
  return { glyph: glyphOf[presence.state], word: STATES.find((s) => s.state === presence.state)?.word ?? 'presence-online' };
}
