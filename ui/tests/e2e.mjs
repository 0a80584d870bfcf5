// The whole window in Chromium on the pretend backend: every screen in both themes and both widths, accessibility, the
// keyboard, and no error in the console. Pictures go to test-results/shots.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { scenes, walks } from './scenes.mjs';

const only = process.argv[2];
const shots = new URL('../test-results/shots/', import.meta.url).pathname;
if (!only) rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// A real build, with the pretend backend left in.
const at = { root: new URL('..', import.meta.url).pathname, mode: 'e2e', logLevel: 'error', build: { outDir: 'test-results/site', emptyOutDir: true } };
await build(at);
const server = await preview({ ...at, preview: { host: '127.0.0.1', port: 0, strictPort: false } });
const base = server.resolvedUrls.local[0];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

const faults = [];
let pictures = 0;

/** Opens a scene; errors in its console count. */
async function open(name, { width, height, theme, scene, hash = '' }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, deviceScaleFactor: 1, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on('pageerror', (e) => faults.push(`${name}: ${e.message}`));
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && faults.push(`${name}: console: ${m.text()}`));
  await page.clock.install({ time: new Date('2026-11-19T10:54:15') });
  await page.goto(`${base}?fake=${scene}${hash}`);
  await page.locator('.window, .toast').first().waitFor();
  return { page, done: () => context.close() };
}

async function accessible(name, page) {
  await page.evaluate(axe);
  // `region`: the page is an application window, not a document with landmarks all over.
  const { violations } = await page.evaluate(() => window.axe.run(document, { rules: { region: { enabled: false }, 'page-has-heading-one': { enabled: false }, 'landmark-one-main': { enabled: false } } }));
  for (const v of violations) faults.push(`${name}: axe ${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`);
}

async function sideways(name, page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) faults.push(`${name}: scrolls sideways by ${over} px`);
}

try {
  for (const [title, { scene = 'office', hash, act, sizes }] of Object.entries(scenes)) {
    for (const [size, [width, height]] of Object.entries(sizes ?? { compact: [360, 640], wide: [1000, 680] })) {
      if (only && !`${title}-${size}`.includes(only)) continue;
      const { page, done } = await open(`${title}-${size}`, { width, height, theme: 'light', scene, hash });
      try {
        await act?.(page, size);
        for (const theme of ['light', 'dark']) {
          const name = `${title}-${size}-${theme}`;
          await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
          await page.waitForFunction((t) => document.documentElement.dataset.theme === t, theme);
          await page.waitForTimeout(60);
          await accessible(name, page);
          await sideways(name, page);
          await page.screenshot({ path: `${shots}${name}.png` });
          pictures += 1;
        }
      } catch (e) {
        faults.push(`${title}-${size}: ${e.message}`);
        await page.screenshot({ path: `${shots}${title}-${size}-FAILED.png` }).catch(() => {});
      }
      await done();
    }
  }
  for (const [title, { scene = 'office', width = 1000, height = 680, walk, hash }] of Object.entries(walks)) {
    if (only && !title.includes(only)) continue;
    const { page, done } = await open(title, { width, height, theme: 'light', scene, hash });
    try {
      await walk(page);
      console.log(`ok   ${title}`);
    } catch (e) {
      faults.push(`${title}: ${e.message}`);
      await page.screenshot({ path: `${shots}${title.replaceAll(' ', '-')}-FAILED.png` }).catch(() => {});
    }
    await done();
  }
} finally {
  await browser.close();
  await server.close();
}
for (const fault of faults) console.error(`FAIL ${fault}`);
console.log(`${pictures} pictures, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
