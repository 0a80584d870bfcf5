import type { Phone } from '../state/phone.svelte';

/** Keeps the window in the chosen colours, or in the system's. */
export function followTheme(phone: Phone) {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let system = $state(dark.matches);
  $effect(() => {
    const set = () => (system = dark.matches);
    dark.addEventListener('change', set);
    return () => dark.removeEventListener('change', set);
  });
  $effect(() => {
    const wanted = phone.settings.theme;
    document.documentElement.dataset.theme = wanted === 'system' ? (system ? 'dark' : 'light') : wanted;
  });
}
