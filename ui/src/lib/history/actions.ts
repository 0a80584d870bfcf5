import type { HistoryEntry } from '../api';
import type { Nav } from '../state/nav.svelte';
import type { Phone } from '../state/phone.svelte';

/** Calls the other end of an entry from the line it came in on, while that line exists. */
export async function callBack(phone: Phone, nav: Nav, entry: HistoryEntry): Promise<void> {
  if (!entry.canCallBack) return;
  const account = phone.account(entry.account)?.id;
  const reply = await phone.ask({ type: 'dial', target: entry.address || entry.number, ...(account !== undefined && { account }) });
  if (reply) nav.showCall();
}
