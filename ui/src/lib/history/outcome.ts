// How a history entry is told: its arrow and its words.
import ArrowDownLeft from '@lucide/svelte/icons/arrow-down-left';
import ArrowUpRight from '@lucide/svelte/icons/arrow-up-right';
import PhoneMissed from '@lucide/svelte/icons/phone-missed';
import type { HistoryEntry } from '../api';
import { t } from '../words';
import { duration } from '../words/time';

export const isMissed = (entry: HistoryEntry): boolean => entry.outcome === 'missed';

export const arrow = (entry: HistoryEntry) => (isMissed(entry) ? PhoneMissed : entry.direction === 'incoming' ? ArrowDownLeft : ArrowUpRight);

/** The second line of a row: what happened, and a detail. */
export function second(entry: HistoryEntry, times = 1): { what: string; detail: string } {
  const number = entry.name ? entry.number : '';
  switch (entry.outcome) {
    case 'answered': return { what: duration(entry.talkSeconds), detail: number };
    case 'missed': return { what: t('outcome-missed', { times }), detail: times === 1 ? t('rang', { duration: duration(entry.ringSeconds) }) : number };
    case 'declined': return { what: t('outcome-declined'), detail: number };
    case 'cancelled': return { what: t('outcome-cancelled'), detail: number };
    case 'failed': return { what: entry.reason || t('outcome-failed'), detail: number };
    case 'answered_elsewhere': return { what: t('outcome-elsewhere'), detail: number };
    case 'forwarded': return { what: entry.reason || t('outcome-forwarded'), detail: number };
    case 'interrupted': return { what: t('outcome-interrupted'), detail: number };
    case 'in_progress': return { what: t('outcome-in-progress'), detail: number };
  }
}

/** The call in one phrase for the details: "Incoming, you answered". */
export function story(entry: HistoryEntry): string {
  const incoming = entry.direction === 'incoming';
  switch (entry.outcome) {
    case 'answered': return t(incoming ? 'story-in-answered' : 'story-out-answered');
    case 'missed': return t('story-in-missed');
    case 'declined': return t('story-in-declined');
    case 'cancelled': return t('story-out-cancelled');
    case 'failed': return t(incoming ? 'story-in-failed' : 'story-out-failed');
    case 'answered_elsewhere': return t('story-in-elsewhere');
    case 'forwarded': return t('story-in-forwarded');
    case 'interrupted': return t(incoming ? 'story-in-interrupted' : 'story-out-interrupted');
    case 'in_progress': return t(incoming ? 'story-in-progress' : 'story-out-progress');
  }
}
