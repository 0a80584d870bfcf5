import type { Backend } from './backend';

/** The desktop shell; in development and tests `?fake=<scene>` chooses a pretend one. */
export async function chooseBackend(): Promise<Backend> {
  if (import.meta.env.DEV || import.meta.env.MODE === 'e2e') {
    const scene = new URLSearchParams(location.search).get('fake');
    if (scene !== null) return (await import('./fake')).fakeBackend(scene);
  }
  return (await import('./tauri')).tauriBackend();
}
