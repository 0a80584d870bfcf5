// What the person is typing: a search, or something to call. The engine has the last word; this only decides which button shows.

/** Whether text begins like a number or is written like an address. */
export function looksDialable(text: string): boolean {
  const bare = text.trim();
  return /^\+?[(\d*#]/.test(bare) || /^(tel|callto|sips?):/i.test(bare) || /^[^\s@]+@[^\s@]+$/.test(bare);
}
