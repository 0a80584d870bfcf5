import { expect, test } from 'vitest';
import type { HistoryEntry, Reply } from '../lib/api';
import { officeHistory } from '../lib/backend/fake/data';
import { byDay, HistoryList } from '../lib/state/history.svelte';
import { settle } from './harness';

const base = officeHistory()[0] as HistoryEntry;
const entry = (id: number, startedAt: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({ ...base, id, startedAt, number: String(id), ...more });
const noon = new Date(2026, 10, 19, 12, 0).getTime();
const HOUR = 3_600_000;

test('calls are grouped by the local day, across midnight and the change of clocks', () => {
  const days = byDay([entry(4, noon), entry(3, new Date(2026, 10, 19, 0, 0).getTime()), entry(2, new Date(2026, 10, 18, 23, 59, 59).getTime()), entry(1, new Date(2026, 9, 25, 12).getTime())], noon);
  expect(days.map((d) => [d.name, d.rows.length])).toEqual([['Today', 2], ['Yesterday', 1], ['25 October', 1]]);
});

test('a day of this week is named by its weekday, one of another year with the year', () => {
  expect(byDay([entry(2, noon - 3 * 24 * HOUR), entry(1, new Date(2025, 11, 24, 12).getTime())], noon).map((d) => d.name)).toEqual(['Monday', '24 December 2025']);
});

test('missed calls from one number in a row become one row that stands for all of them', () => {
  const missed = { outcome: 'missed', number: '42' } as const;
  const days = byDay([entry(5, noon, missed), entry(4, noon - 1, missed), entry(3, noon - 2), entry(2, noon - 3, missed), entry(1, noon - 4, { outcome: 'missed', number: '' })], noon);
  expect(days[0]?.rows.map((r) => r.ids)).toEqual([[5, 4], [3], [2], [1]]);
});

test('withheld numbers are never thrown together', () => {
  const withheld = { outcome: 'missed', number: '' } as const;
  expect(byDay([entry(2, noon, withheld), entry(1, noon, withheld)], noon)[0]?.rows.length).toBe(2);
});

test('an answer that a newer search has overtaken is dropped', async () => {
  const answers: ((reply: Reply) => void)[] = [];
  const list = new HistoryList(() => new Promise((done) => answers.push(done)));
  void list.search('ma');
  void list.search('mar');
  answers[1]?.({ type: 'history', entries: [entry(2, noon)], more: false });
  answers[0]?.({ type: 'history', entries: [entry(1, noon)], more: true });
  await settle();
  expect(list.entries.map((e) => e.id)).toEqual([2]);
  expect(list.more).toBe(false);
});

test('older pages go below, each entry once', async () => {
  const list = new HistoryList(async (r): Promise<Reply> => ({ type: 'history', entries: r.type === 'search_history' && r.before === 3 ? [entry(3, noon), entry(2, noon)] : [entry(4, noon), entry(3, noon)], more: r.type === 'search_history' && r.before === undefined }));
  await list.search('');
  await list.older();
  expect(list.entries.map((e) => e.id)).toEqual([4, 3, 2]);
  await list.older();
  expect(list.entries.length).toBe(3);
});

test('a new entry goes on top; with the missed filter only a missed one does', async () => {
  const list = new HistoryList(async (): Promise<Reply> => ({ type: 'history', entries: [entry(1, noon, { outcome: 'missed' })], more: false }));
  await list.search('', 'missed');
  list.upsert(entry(2, noon));
  list.upsert(entry(3, noon, { outcome: 'missed' }));
  expect(list.entries.map((e) => e.id)).toEqual([3, 1]);
});
