import { render } from '@testing-library/svelte';
import App from '../App.svelte';
import { fakeBackend, type FakeBackend } from '../lib/backend/fake';
import type { Request } from '../lib/api';

/** The whole window on a pretend backend, ready. */
export async function open(scene = 'office', card = false): Promise<FakeBackend> {
  const backend = fakeBackend(scene);
  render(App, { props: { backend, card } });
  await settle();
  return backend;
}

/** Lets promises and effects run. */
export async function settle(turns = 8) {
  for (let k = 0; k < turns; k++) await Promise.resolve();
  await new Promise((done) => setTimeout(done));
}

export const asked = <T extends Request['type']>(backend: FakeBackend, type: T): Extract<Request, { type: T }>[] =>
  backend.asked.filter((r): r is Extract<Request, { type: T }> => r.type === type);
