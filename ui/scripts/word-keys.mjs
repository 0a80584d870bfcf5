// Writes src/lib/words/keys.ts: the names of all texts in locales/en.ftl as a type, so that a misspelt key does not compile.
import { readFileSync, writeFileSync } from 'node:fs';

const here = (path) => new URL(`../${path}`, import.meta.url);

/** The text of keys.ts for a catalogue. */
export function keysFile(ftl) {
  const keys = [...ftl.matchAll(/^([a-z][a-z0-9-]*) =/gm)].map((m) => m[1]).sort();
  return `// Written by \`npm run words\` from locales/en.ftl. Do not edit.\nexport type WordKey =\n${keys.map((k) => `  | '${k}'`).join('\n')};\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(here('src/lib/words/keys.ts'), keysFile(readFileSync(here('src/locales/en.ftl'), 'utf8')));
}
