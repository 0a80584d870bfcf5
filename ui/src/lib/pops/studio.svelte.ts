// The screen-pop page's drafts: one rule a line, the person's own parameters, the allowed schemes.
import type { ApiError, PopMode, PopPreview, PopRule } from '../api';
import { asApiError } from '../backend/backend';
import type { Phone } from '../state/phone.svelte';
import { t } from '../words';

export interface Parameter {
  name: string;
  value: string;
}

const PREVIEW_AFTER_MS = 120;

export class Studio {
  account = $state(0);
  drafts = $state<Record<number, PopRule>>({});
  own = $state<Parameter[]>([]);
  schemes = $state<string[]>([]);
  preview = $state.raw<PopPreview | null>(null);
  /** Why there is no preview. */
  previewFault = $state('');
  /** The history entry the preview is made for; nothing for the sample call. */
  entry = $state<number | undefined>(undefined);
  /** Why saving was refused, by field. */
  faults = $state.raw<{ target?: string; customParameters?: string; allowedSchemes?: string }>({});
  saving = $state(false);
  #phone: Phone;

  constructor(phone: Phone) {
    this.#phone = phone;
    this.account = phone.chosen?.id ?? 0;
    this.discard();
    $effect(() => this.#follow());
  }

  #saved(account: number): PopRule {
    return this.#phone.popRules.find((r) => r.account === account) ?? { account, mode: 'disabled', target: '' };
  }

  get rule(): PopRule {
    return this.drafts[this.account] ?? this.#saved(this.account);
  }

  get ownNames(): string[] {
    return this.own.map((p) => p.name).filter((name) => name !== '');
  }

  get #settingsDirty(): boolean {
    const { customParameters, allowedSchemes } = this.#phone.settings;
    const old = Object.entries(customParameters);
    const rows = this.own.filter((p) => p.name !== '' || p.value !== '');
    return rows.length !== old.length || rows.some((p) => customParameters[p.name] !== p.value) || this.schemes.join() !== allowedSchemes.join();
  }

  get #dirtyRules(): PopRule[] {
    return Object.values(this.drafts).filter((d) => {
      const saved = this.#saved(d.account);
      return saved.mode !== d.mode || saved.target !== d.target;
    });
  }

  get dirty(): boolean {
    return this.#settingsDirty || this.#dirtyRules.length > 0;
  }

  choose(account: number) {
    this.account = account;
    this.faults = {};
  }

  setMode(mode: PopMode) {
    this.#edit({ mode });
  }

  setTarget(target: string) {
    this.#edit({ target });
    this.faults = { ...this.faults, target: undefined };
  }

  #edit(part: Partial<PopRule>) {
    this.drafts[this.account] = { ...this.rule, ...part };
  }

  discard() {
    this.drafts = {};
    this.own = Object.entries(this.#phone.settings.customParameters).map(([name, value]) => ({ name, value }));
    this.schemes = [...this.#phone.settings.allowedSchemes];
    this.faults = {};
  }

  /** Saves what has changed. A refusal about a field is shown there; any other is thrown. */
  async save() {
    const fault = parameterFault(this.own);
    if (fault) return void (this.faults = { customParameters: fault });
    this.saving = true;
    this.faults = {};
    try {
      if (this.#settingsDirty) {
        const customParameters = Object.fromEntries(this.own.filter((p) => p.name !== '').map((p) => [p.name, p.value]));
        await this.#phone.request({ type: 'save_settings', settings: { ...this.#phone.settings, customParameters, allowedSchemes: $state.snapshot(this.schemes) } });
      }
      for (const rule of this.#dirtyRules) {
        this.account = rule.account;
        await this.#phone.request({ type: 'save_pop_rule', rule: $state.snapshot(rule) });
      }
    } catch (refused) {
      this.#refused(asApiError(refused));
    } finally {
      this.saving = false;
    }
  }

  #refused(refusal: ApiError) {
    const field = refusal.field?.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (field !== 'target' && field !== 'customParameters' && field !== 'allowedSchemes') throw refusal;
    this.faults = { [field]: refusal.message };
  }

  // The preview follows the draft after a moment's rest.
  #follow() {
    const rule = $state.snapshot(this.rule);
    const entry = this.entry;
    let live = true;
    const timer = setTimeout(async () => {
      let preview: PopPreview | null = null;
      let fault = '';
      try {
        const reply = rule.target.trim() ? await this.#phone.request({ type: 'preview_pop', rule, ...(entry !== undefined && { entry }) }) : undefined;
        if (reply?.type === 'pop_preview') preview = reply.preview;
      } catch (refused) {
        fault = asApiError(refused).message;
      }
      if (!live) return;
      this.preview = preview;
      this.previewFault = fault;
    }, PREVIEW_AFTER_MS);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }
}

/** What is wrong with the names of the person's own parameters. */
export function parameterFault(own: Parameter[]): string | undefined {
  const seen = new Set<string>();
  for (const { name, value } of own) {
    if (name === '' && value === '') continue;
    if (!/^[A-Za-z0-9_]+$/.test(name)) return t('own-bad-name', { name });
    if (['caller', 'caller_name', 'number', 'called'].includes(name)) return t('own-taken', { name });
    if (seen.has(name)) return t('own-twice', { name });
    seen.add(name);
  }
  return undefined;
}
