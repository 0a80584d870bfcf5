import type { PasswordState } from '../api';
import { t } from '../words';

/** Where a password is, for people. */
export function passwordWord(state: PasswordState): string {
  switch (state) {
    case 'none': return t('password-none');
    case 'keyring': return t('password-keyring');
    case 'this_run': return t('password-this-run');
    case 'asking': return t('password-asking');
  }
}
