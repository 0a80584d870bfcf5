// A registration in one word. The proof beside it (since when, why) is for the components.
import type { RegistrationView } from '../api';
import type { WordKey } from '../words';

export function proof(registration: RegistrationView): { word: WordKey; bad: boolean } {
  switch (registration.type) {
    case 'registered': return { word: 'reach-yes', bad: false };
    case 'registering': return { word: 'reach-asking', bad: false };
    case 'off': return { word: 'reach-off', bad: false };
    case 'failed': return { word: 'reach-no', bad: true };
  }
}
