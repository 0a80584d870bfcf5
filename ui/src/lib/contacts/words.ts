import type { MessageView } from '../api';
import { t } from '../words';

/** What became of a message of ours; nothing for one that came in. */
export function outcomeWord(message: MessageView): string {
  switch (message.outcome) {
    case 'received': return '';
    case 'sending': return t('message-sending');
    case 'delivered': return t('message-delivered');
    case 'accepted': return t('message-accepted');
    case 'failed': return message.reason ? t('message-failed-why', { reason: message.reason }) : t('message-failed');
    case 'unknown': return t('message-unknown');
  }
}
