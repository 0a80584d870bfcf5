// The history as the list shows it: one search, loaded page by page, kept fresh by updates.
import type { HistoryEntry, HistoryFilter, Reply, Request } from '../api';
import { dayName, dayOf } from '../words/time';

type Ask = (request: Request) => Promise<Reply>;
const PAGE = 100;

/** A row of the list: an entry and how many like it, one after the other, it stands for. */
export interface HistoryRow {
  entry: HistoryEntry;
  ids: number[];
}

export interface HistoryDay {
  day: number;
  name: string;
  rows: HistoryRow[];
}

export class HistoryList {
  text = $state('');
  filter = $state<HistoryFilter>('all');
  entries = $state.raw<HistoryEntry[]>([]);
  more = $state(false);
  loading = $state(false);
  #turn = 0;
  #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Takes the newest entries of a snapshot; a search that is on is asked again instead. */
  start(newest: HistoryEntry[]) {
    if (this.text || this.filter !== 'all') return void this.refresh();
    this.#turn += 1;
    this.entries = newest;
    this.more = newest.length >= PAGE;
  }

  /** Searches; an answer that a newer search has overtaken is dropped. */
  async search(text: string, filter: HistoryFilter = this.filter) {
    this.text = text;
    this.filter = filter;
    await this.refresh();
  }

  async refresh() {
    const turn = ++this.#turn;
    const page = await this.#page(undefined);
    if (!page || turn !== this.#turn) return;
    this.entries = page.entries;
    this.more = page.more;
  }

  /** Loads the next page. */
  async older() {
    const last = this.entries.at(-1);
    if (!this.more || this.loading || !last) return;
    const turn = this.#turn;
    this.loading = true;
    const page = await this.#page(last.id);
    this.loading = false;
    if (!page || turn !== this.#turn) return;
    this.entries = [...this.entries, ...page.entries.filter((e) => e.id < last.id)];
    this.more = page.more;
  }

  async #page(before: number | undefined) {
    try {
      const reply = await this.#ask({ type: 'search_history', text: this.text, filter: this.filter, limit: PAGE, ...(before !== undefined && { before }) });
      return reply.type === 'history' ? reply : undefined;
    } catch {
      return undefined;
    }
  }

  upsert(entry: HistoryEntry) {
    const at = this.entries.findIndex((e) => e.id === entry.id);
    const belongs = this.filter === 'all' || entry.outcome === 'missed';
    if (at >= 0) {
      this.entries = belongs ? this.entries.with(at, entry) : this.entries.toSpliced(at, 1);
    } else if (this.text) {
      void this.refresh();
    } else if (belongs) {
      const below = this.entries.findIndex((e) => e.id < entry.id);
      if (below >= 0) this.entries = this.entries.toSpliced(below, 0, entry);
      else if (!this.more) this.entries = [...this.entries, entry];
    }
  }

  remove(id: number) {
    this.entries = this.entries.filter((e) => e.id !== id);
  }

  clear() {
    this.#turn += 1;
    this.entries = this.entries.filter((e) => e.outcome === 'in_progress');
    this.more = false;
  }
}

/** Entries by day, newest first; missed calls from one number in a row become one row. */
export function byDay(entries: HistoryEntry[], now: number): HistoryDay[] {
  const days: HistoryDay[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.startedAt);
    let group = days.at(-1);
    if (!group || group.day !== day) days.push((group = { day, name: dayName(entry.startedAt, now), rows: [] }));
    const last = group.rows.at(-1);
    if (last && together(last.entry, entry)) last.ids.push(entry.id);
    else group.rows.push({ entry, ids: [entry.id] });
  }
  return days;
}

function together(a: HistoryEntry, b: HistoryEntry): boolean {
  return a.outcome === 'missed' && b.outcome === 'missed' && a.number !== '' && a.number === b.number && a.account === b.account;
}
