import type { PopTrigger } from '../api';
import { t } from '../words';

/** "Opened on answer" and its like. */
export function popTrigger(trigger: PopTrigger): string {
  return t(trigger === 'incoming' ? 'pop-opened-incoming' : trigger === 'answered' ? 'pop-opened-answered' : 'pop-opened-manual');
}
