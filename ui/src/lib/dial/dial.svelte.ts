// The dial field: what is in it and what it would call.
import type { Phone } from '../state/phone.svelte';
import { asApiError } from '../backend/backend';
import { looksDialable } from './read';

export class DialField {
  text = $state('');
  /** This one call does not show who calls. */
  anonymous = $state(false);
  /** Why the last try was refused. */
  fault = $state('');
  #cleaned: { target: string; shown: string } | null = null;
  #phone: Phone;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  get dialable(): boolean {
    return looksDialable(this.text);
  }

  type(text: string) {
    this.text = text;
    this.fault = '';
    void this.#phone.history.search(text.trim());
  }

  clear() {
    this.type('');
  }

  /** Puts in foreign text (pasted, or from a link), cleaned to what would be called; what cannot be read stays as it is. */
  async put(text: string) {
    const reply = await this.#phone.request({ type: 'read_target', text }).catch(() => undefined);
    if (reply?.type === 'target') {
      this.#cleaned = reply;
      this.type(reply.shown);
    } else {
      this.type(text.replace(/\s+/g, ' ').trim());
    }
  }

  /** Calls what is in the field; the field is empty afterwards. */
  async call(): Promise<number | undefined> {
    const text = this.text.trim();
    if (!text) return undefined;
    const target = this.#cleaned?.shown === text ? this.#cleaned.target : text;
    try {
      const reply = await this.#phone.request({ type: 'dial', target, ...(this.anonymous && { anonymous: true }) });
      this.clear();
      this.anonymous = false;
      return reply.type === 'call' ? reply.call : undefined;
    } catch (fault) {
      this.fault = asApiError(fault).message;
      return undefined;
    }
  }
}
