// What a call's state is called.
import type { CallView } from '../api';
import { shortName } from '../state/calls';
import { t } from '../words';

/** The state while there is no timer to show; nothing while people talk. */
export function stateWord(call: CallView): string {
  switch (call.state) {
    case 'calling': return t('state-calling');
    case 'ringing': return t('state-ringing');
    case 'early_media': return t('state-early-media');
    case 'answering': return t('state-answering');
    case 'incoming': return t('state-incoming');
    case 'active': return '';
    case 'ended': return call.end?.text ?? t('state-ended');
  }
}

/** Who holds whom. */
export function holdWord(call: CallView): string {
  const who = shortName(call.remote);
  if (call.heldByUs && call.heldByThem) return t('hold-both');
  if (call.heldByUs) return t('hold-us', { who });
  if (call.heldByThem) return t('hold-them', { who });
  return '';
}
