// Keyboard helpers shared by lists, menus and radio groups.

const items = (node: HTMLElement, selector: string) => [...node.querySelectorAll<HTMLElement>(selector)].filter((e) => !e.hasAttribute('disabled'));

/** Svelte attachment: arrow keys, Home and End move the focus among `selector` inside the node; in a list, only up and down. */
export function arrows(selector: string, list = false) {
  return (node: HTMLElement) => {
    const move = (event: KeyboardEvent) => {
      const all = items(node, selector);
      const here = all.indexOf(document.activeElement as HTMLElement);
      if (here < 0) return;
      const to = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined || (list && (event.key === 'ArrowLeft' || event.key === 'ArrowRight'))) return;
      event.preventDefault();
      event.stopPropagation();
      all.at(to % all.length)?.focus();
    };
    node.addEventListener('keydown', move);
    return () => node.removeEventListener('keydown', move);
  };
}

const FOCUSABLE = 'button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), a[href], [tabindex="0"]';

/** Svelte attachment: takes the focus, keeps Tab inside, gives the focus back when it goes. */
export function trap(node: HTMLElement) {
  const before = document.activeElement as HTMLElement | null;
  (node.querySelector<HTMLElement>('[data-first]') ?? items(node, FOCUSABLE)[0] ?? node).focus();
  const keep = (event: KeyboardEvent) => {
    if (event.key !== 'Tab') return;
    const all = items(node, FOCUSABLE);
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first?.focus();
    }
  };
  node.addEventListener('keydown', keep);
  return () => {
    node.removeEventListener('keydown', keep);
    if (before?.isConnected) before.focus();
  };
}
