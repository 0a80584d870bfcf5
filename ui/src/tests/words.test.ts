import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import english from '../locales/en.ftl?raw';
import { rich, t } from '../lib/words';
import { dayName, duration, timer } from '../lib/words/time';
// @ts-expect-error a plain script
import { keysFile } from '../../scripts/word-keys.mjs';

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((f) => f.isFile() && !f.parentPath.includes('/api') && !f.parentPath.includes('/tests') && !f.parentPath.includes('/fake'))
    .map((f) => join(f.parentPath, f.name));

const sources = files('src').filter((f) => /\.(svelte|ts)$/.test(f) && !f.endsWith('keys.ts')).map((f) => [f, readFileSync(f, 'utf8')] as const);

test('the list of keys is fresh', () => {
  expect(readFileSync('src/lib/words/keys.ts', 'utf8')).toBe(keysFile(english));
});

test('every text is used', () => {
  const all = sources.map(([, text]) => text).join('\n');
  const keys = [...english.matchAll(/^([a-z][a-z0-9-]*) =/gm)].map((m) => m[1] as string);
  expect(keys.filter((key) => !all.includes(`'${key}'`) && !all.includes(`"${key}"`))).toEqual([]);
});

test('no component has words of its own', () => {
  const said = sources
    .filter(([file]) => file.endsWith('.svelte'))
    .flatMap(([file, text]) => {
      const markup = text.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<!--[\s\S]*?-->/g, '');
      const bare = markup.replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '');
      const labels = [...bare.matchAll(/(?:aria-label|title|placeholder)="([^"]*[A-Za-z][^"]*)"/g)].map((m) => m[1]);
      const texts = [...bare.matchAll(/>([^<>]*[A-Za-z]{2,}[^<>]*)</g)].map((m) => m[1]?.trim());
      return [...labels, ...texts].filter((w) => w && !/^(=|&)/.test(w) && !/^\[sip\./.test(w)).map((w) => `${file}: ${w}`);
    });
  expect(said).toEqual([]);
});

test('no colour and no duration is written outside the tokens', () => {
  const styles = files('src').filter((f) => f.endsWith('.css') && !f.endsWith('tokens.css')).map((f) => [f, readFileSync(f, 'utf8')] as const);
  const stray = [...styles, ...sources.filter(([f]) => f.endsWith('.svelte'))].flatMap(([file, text]) =>
    text.split('\n').filter((l) => /(#[0-9a-f]{3,8}\b(?!['"-])|rgba?\(|hsla?\(|\b\d*\.?\d+m?s\b\s*[;,)}])/i.test(l) && !/import |href=|&#/.test(l)).map((l) => `${file}: ${l.trim()}`),
  );
  expect(stray).toEqual([]);
});

test('markup is never taken from text', () => {
  expect(sources.filter(([, text]) => text.includes('{@html') || text.includes('innerHTML')).map(([f]) => f)).toEqual([]);
});

test('a caller named like a mark stays a caller', () => {
  expect(rich('incoming-for', { line: '</b><b>x' })).toEqual([{ text: 'Call for ', strong: false }, { text: '</b><b>x', strong: true }]);
});

test('plurals follow the number', () => {
  expect([t('missed-count', { count: 1 }), t('missed-count', { count: 3 })]).toEqual(['1 missed call', '3 missed calls']);
});

test('timers and durations read as people say them', () => {
  expect([0, 7, 728, 3723].map(timer)).toEqual(['0:00', '0:07', '12:08', '1:02:03']);
  expect([-3, 58, 60, 728, 3600, 3840].map(duration)).toEqual(['0 s', '58 s', '1 min', '12 min 8 s', '1 h', '1 h 4 min']);
  expect(dayName(Date.now(), Date.now())).toBe('Today');
});
