// The typing guard of the incoming card. The card appears while somebody types elsewhere; a Space or Enter meant for that
// must never answer or decline. Keys work on its buttons only after the person has moved the focus there.

/** Svelte attachment for the card. */
export function guard(node: HTMLElement) {
  let moving = false;
  let meant = false;

  const key = (event: KeyboardEvent) => (moving = event.key === 'Tab' || event.key === 'F6' || event.key.startsWith('Arrow'));
  const point = () => (moving = true);
  const arrive = () => {
    if (moving) meant = true;
  };
  const leave = (event: FocusEvent) => {
    if (!node.contains(event.relatedTarget as Node | null)) meant = false;
  };
  const stop = (event: KeyboardEvent) => {
    if ((event.key !== 'Enter' && event.key !== ' ') || (meant && !event.repeat)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  document.addEventListener('keydown', key, true);
  document.addEventListener('pointerdown', point, true);
  node.addEventListener('focusin', arrive);
  node.addEventListener('focusout', leave);
  node.addEventListener('keydown', stop, true);
  // A button is pressed by the release of Space.
  node.addEventListener('keyup', stop, true);
  return () => {
    document.removeEventListener('keydown', key, true);
    document.removeEventListener('pointerdown', point, true);
    node.removeEventListener('focusin', arrive);
    node.removeEventListener('focusout', leave);
    node.removeEventListener('keydown', stop, true);
    node.removeEventListener('keyup', stop, true);
  };
}
