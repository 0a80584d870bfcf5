// Every word a person reads comes through here, from `locales/<language>.ftl`.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import english from '../../locales/en.ftl?raw';
import type { WordKey } from './keys';

export type { WordKey };
export type WordArgs = Record<string, FluentVariable>;

// Isolation marks would end up in copied text and in window titles; names are isolated by CSS instead.
const bundle = new FluentBundle('en-GB', { useIsolating: false });
bundle.addResource(new FluentResource(english));

/** The text for `key`. A key without a text is a fault that the tests catch; the key itself is shown. */
export function t(key: WordKey, args?: WordArgs): string {
  const pattern = bundle.getMessage(key)?.value;
  return pattern ? bundle.formatPattern(pattern, args) : key;
}

/** A piece of a text with emphasis. */
export interface RichPiece {
  text: string;
  strong: boolean;
}

/**
 * The text for `key` split at `<b>…</b>`. Only the catalogue's own marks count: values are put in after the split,
 * so a caller named `<b>` stays a caller named `<b>`.
 */
export function rich(key: WordKey, args: Record<string, string | number> = {}): RichPiece[] {
  const names = Object.keys(args);
  const marks = Object.fromEntries(names.map((name, k) => [name, String.fromCharCode(0xe000 + k)]));
  const put = (text: string) => text.replace(/[\ue000-\uf8ff]/g, (mark) => String(args[names[mark.charCodeAt(0) - 0xe000] ?? ''] ?? ''));
  return t(key, marks)
    .split(/<b>(.*?)<\/b>/s)
    .map((text, k) => ({ text: put(text), strong: k % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}
