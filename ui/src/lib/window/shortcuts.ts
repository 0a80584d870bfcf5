// The keys of the whole window.
import type { Nav } from '../state/nav.svelte';

export function shortcuts(nav: Nav) {
  return (event: KeyboardEvent) => {
    const ctrl = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (ctrl && event.key.toLowerCase() === 'k') nav.dialField();
    else if (ctrl && event.key === ',') nav.settings('sound');
    else if (event.key === 'F6') nextPane(event.shiftKey ? -1 : 1);
    else if (event.key !== 'Escape' || !nav.back()) return;
    event.preventDefault();
  };
}

/** Moves the focus to the first control of the next pane; the incoming card is one. */
function nextPane(step: number) {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')];
  if (panes.length === 0) return;
  const here = panes.findIndex((p) => p.contains(document.activeElement));
  const pane = panes.at((here + step) % panes.length);
  pane?.querySelector<HTMLElement>('button:not([disabled]), input, textarea, [tabindex="0"]')?.focus();
}
