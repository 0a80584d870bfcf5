// What follows from the call views, for showing. Pure.
import type { CallView, HistoryEntry, Party } from '../api';
import { t } from '../words';

/** The calls by their place in the window. */
export interface CallPlaces {
  /** Ringing here, newest first. */
  incoming: CallView[];
  /** The one the controls act on: the one spoken to or being set up, else the newest held, else the one just ended. */
  current: CallView | undefined;
  /** The others that live. */
  waiting: CallView[];
}

export const isOver = (call: CallView): boolean => call.state === 'ended';
export const isSettingUp = (call: CallView): boolean => ['calling', 'ringing', 'early_media', 'answering'].includes(call.state);

/** An ended call that the person dialled or spoke on; others went by as a card only. */
const tookPart = (call: CallView): boolean => call.direction === 'outgoing' || call.answeredAt !== undefined;

/** `before`: the call that was current, which stays so while nobody is talked to. */
export function places(calls: CallView[], before?: number): CallPlaces {
  const incoming = calls.filter((c) => c.state === 'incoming');
  const live = calls.filter((c) => c.state !== 'incoming' && !isOver(c));
  const current =
    live.find((c) => isSettingUp(c)) ?? live.find((c) => !c.heldByUs) ?? live.find((c) => c.id === before) ?? live[0] ?? calls.find((c) => isOver(c) && tookPart(c));
  return { incoming, current, waiting: live.filter((c) => c !== current) };
}

/** Name, else number, else that it is withheld. */
export const partyTitle = (party: Party): string => party.name || party.number || t('withheld');

/** The number, when the title is not the number already. */
export const partyNumber = (party: Party): string => (party.name ? party.number : '');

/** As `partyTitle`, for the history. */
export const entryTitle = (entry: HistoryEntry): string => entry.name || entry.number || t('withheld');

/** The first name for a sentence ("Maria cannot hear you"), or the whole title. */
export function shortName(party: Party): string {
  const title = partyTitle(party);
  return party.name && /^\p{L}+ \p{L}/u.test(title) ? (title.split(' ')[0] ?? title) : title;
}

/** The two calls of a consultation: the one asked about and the colleague's; nothing when one of them is over. */
export function consultation(call: CallView, calls: CallView[]): { first: CallView; asked: CallView } | undefined {
  const other = call.consult && calls.find((c) => c.id === call.consult?.with);
  if (!call.consult || !other || isOver(call) || isOver(other)) return undefined;
  return call.consult.role === 'asked' ? { first: other, asked: call } : { first: call, asked: other };
}

/** Everybody in the conference, in the order they joined the phone; empty when there is none. */
export function conference(calls: CallView[]): CallView[] {
  const legs = calls.filter((c) => c.conference && !isOver(c));
  return legs.length > 1 ? legs.reverse() : [];
}

/** A transfer of it is under way; a failed one is over. */
export const isPassing = (call: CallView): boolean => call.transfer?.state === 'pending' || call.transfer?.state === 'ringing';

/** Calls that could be brought together now. */
export const joinable = (calls: CallView[]): CallView[] => calls.filter((c) => c.state === 'active' && !c.holdPending && !isPassing(c));
