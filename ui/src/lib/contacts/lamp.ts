// What a watched person's lamp shows: a glyph, and a word for it.
import type { WatchView } from '../api';
import { t } from '../words';
import type { Presence } from '../widgets/presence';

export function lampOf(watch: WatchView): { glyph: Presence; word: string } {
  const { lamp, presence } = watch;
  if (lamp.type === 'ringing') return { glyph: 'ringing', word: watch.pickUp ? t('lamp-pick-up') : t('lamp-ringing') };
  if (presence?.state === 'do_not_disturb') return { glyph: 'dnd', word: presence.note ?? t('presence-dnd') };
  if (lamp.type === 'busy' || presence?.onThePhone) return { glyph: 'call', word: t('presence-call') };
  if (lamp.type === 'held') return { glyph: 'call', word: t('lamp-held') };
  if (presence?.state === 'away') return { glyph: 'away', word: presence.note ?? t('presence-away') };
  if (presence?.state === 'busy') return { glyph: 'busy', word: presence.note ?? t('presence-busy') };
  if (presence?.state === 'online' || lamp.type === 'idle') return { glyph: 'online', word: presence?.note ?? t('lamp-available') };
  return { glyph: 'offline', word: t(presence ? 'lamp-offline' : 'lamp-unknown') };
}
