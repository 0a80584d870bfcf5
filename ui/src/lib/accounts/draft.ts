// The account form: what is filled in, and what is wrong before the engine is asked.
import type { AccountDraft, AccountView, ApiError, Transport } from '../api';
import { t } from '../words';
import { fillHandling, handlingOptions, type Handling } from './handling';

/** The form's own state; the password is never filled back. */
export interface Filled {
  name: string;
  displayName: string;
  user: string;
  domain: string;
  authUser: string;
  outboundProxy: string;
  transport: Transport;
  wsPath: string;
  pinnedCertificate: string;
  enabled: boolean;
  password: string;
  handling: Handling;
}

export type Faults = Partial<Record<keyof Filled | 'codecs' | 'form', string>>;

export const fill = (account: AccountView | undefined): Filled => ({
  name: account?.name ?? '',
  displayName: account?.displayName ?? '',
  user: account?.user ?? '',
  domain: account?.domain ?? '',
  authUser: account?.authUser ?? '',
  outboundProxy: account?.outboundProxy ?? '',
  transport: account?.transport ?? 'auto',
  wsPath: account?.wsPath ?? '',
  pinnedCertificate: account?.pinnedCertificate ?? '',
  enabled: account?.enabled ?? true,
  password: '',
  handling: fillHandling(account?.options),
});

/** What must be filled in and is not. */
export function check(filled: Filled): Faults {
  const faults: Faults = {};
  if (!filled.name.trim()) faults.name = t('account-need-name');
  if (!filled.user.trim()) faults.user = t('account-need-user');
  if (!filled.domain.trim()) faults.domain = t('account-need-domain');
  if (!filled.handling.codecs.some((codec) => codec.on)) faults.codecs = t('codecs-need-one');
  return faults;
}

/** The request's draft. An empty password keeps the old one. */
export function draft(filled: Filled, id: number | null): AccountDraft {
  const text = (value: string) => value.trim() || undefined;
  return {
    ...(id !== null && { id }),
    name: filled.name.trim(),
    displayName: filled.displayName.trim(),
    user: filled.user.trim(),
    domain: filled.domain.trim(),
    authUser: text(filled.authUser),
    outboundProxy: text(filled.outboundProxy),
    transport: filled.transport,
    wsPath: text(filled.wsPath),
    pinnedCertificate: text(filled.pinnedCertificate),
    enabled: filled.enabled,
    ...(filled.password && { password: filled.password }),
    options: handlingOptions(filled.handling),
  };
}

/** A refusal, put beside the field it is about. */
export function faultsOf(refusal: ApiError): Faults {
  const field = refusal.field?.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return field && (field in fill(undefined) || field === 'codecs') ? { [field]: refusal.message } : { form: refusal.message };
}
