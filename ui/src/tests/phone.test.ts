import { expect, test } from 'vitest';
import type { CallView, Event, Reply, Request } from '../lib/api';
import { call } from '../lib/backend/fake/data';
import { scene } from '../lib/backend/fake/scenes';
import type { Backend } from '../lib/backend/backend';
import { Phone } from '../lib/state/phone.svelte';
import { settle } from './harness';

/** A backend whose snapshots and events the test gives by hand. */
function scripted(seq: number) {
  let on: (event: Event) => void = () => undefined;
  const asked: Request[] = [];
  const snapshot = { ...scene('office'), seq };
  let release: (() => void) | undefined;
  const backend: Backend = {
    request: async (request): Promise<Reply> => {
      asked.push(request);
      if (request.type !== 'snapshot') return { type: 'done' };
      await new Promise<void>((done) => (release = done));
      return { type: 'snapshot', snapshot: structuredClone(snapshot) };
    },
    subscribe: async (listener) => {
      on = listener;
      return () => undefined;
    },
    hideWindow: async () => undefined, showWindow: async () => undefined, quit: async () => undefined, cardHeight: async () => undefined,
  };
  const answer = async () => {
    release?.();
    await settle();
  };
  const update = (n: number, ...calls: CallView[]) => on({ type: 'update', seq: n, upserts: calls.map((value) => ({ type: 'call', value })), removals: [] });
  return { backend, asked, snapshot, answer, update, emit: (event: Event) => on(event) };
}

const snapshots = (asked: Request[]) => asked.filter((r) => r.type === 'snapshot').length;

test('updates that arrive before the snapshot are applied after it, and only those it lacks', async () => {
  const s = scripted(5);
  const phone = new Phone(s.backend);
  void phone.connect();
  await settle();
  s.update(5, call(1, 1, 'Old', '1'));
  s.update(6, call(2, 1, 'New', '2'));
  expect(phone.calls).toEqual([]);
  await s.answer();
  expect(phone.calls.map((c) => c.id)).toEqual([2]);
  expect(phone.status).toBe('ready');
});

test('a gap in the sequence asks for a new snapshot and loses nothing that follows', async () => {
  const s = scripted(1);
  const phone = new Phone(s.backend);
  void phone.connect();
  await settle();
  await s.answer();
  expect(snapshots(s.asked)).toBe(1);

  s.update(4, call(7, 1, 'After the gap', '7'));
  await settle();
  expect(snapshots(s.asked)).toBe(2);
  expect(phone.calls).toEqual([]);
  s.snapshot.seq = 4;
  s.snapshot.calls = [call(7, 1, 'From the snapshot', '7')];
  s.update(5, call(8, 1, 'Later', '8'));
  await s.answer();
  expect(phone.calls.map((c) => [c.id, c.remote.name])).toEqual([[8, 'Later'], [7, 'From the snapshot']]);
});

test('a repeated update changes nothing', async () => {
  const s = scripted(1);
  const phone = new Phone(s.backend);
  void phone.connect();
  await settle();
  await s.answer();
  s.update(2, call(1, 1, 'First', '1'));
  s.update(2, call(1, 1, 'Again', '1'));
  expect(phone.calls[0]?.remote.name).toBe('First');
  expect(snapshots(s.asked)).toBe(1);
});

test('a whole view replaces the one with the same number and keeps its place', async () => {
  const s = scripted(1);
  const phone = new Phone(s.backend);
  void phone.connect();
  await settle();
  await s.answer();
  s.update(2, call(1, 1, 'One', '1'));
  s.update(3, call(2, 1, 'Two', '2'));
  s.update(4, { ...call(1, 1, 'One', '1'), muted: true });
  expect(phone.calls.map((c) => [c.id, c.muted])).toEqual([[2, false], [1, true]]);
  s.emit({ type: 'update', seq: 5, upserts: [], removals: [{ type: 'call', id: 2 }] });
  expect(phone.calls.map((c) => c.id)).toEqual([1]);
});

test('the desktop’s notices replace the ones it said before', async () => {
  const s = scripted(1);
  const phone = new Phone(s.backend);
  void phone.connect();
  await settle();
  await s.answer();
  s.emit({ type: 'desktop_notices', notices: [{ key: 'no_tray', level: 'info', text: 'No tray.' }] });
  s.emit({ type: 'desktop_notices', notices: [] });
  expect(phone.desktopNotices).toEqual([]);
});
