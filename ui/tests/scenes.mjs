// The screens to look at, and the walks a person takes with the keyboard.
import assert from 'node:assert/strict';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const openAccount = async (page) => {
  await page.locator('.me').click();
  await page.locator('.account').waitFor();
};
const settings = (tab) => async (page) => {
  await openAccount(page);
  await page.getByRole('menuitem', { name: /^Settings/ }).click();
  await page.getByRole('tab', { name: tab }).click();
};
const account = (name) => async (page) => {
  await settings('Accounts')(page);
  await page.locator('.choice', { hasText: name }).click();
};
/** One of the parts of an account that are folded away. */
const fold = (title) => async (page) => {
  await account('Sales')(page);
  const part = page.locator('.fold', { has: page.locator('summary', { hasText: title }) });
  await part.locator('summary').click();
  await part.scrollIntoViewIfNeeded();
};
const studio = async (page) => {
  await openAccount(page);
  await page.getByRole('menuitem', { name: 'Pop studio' }).click();
  await page.locator('.out mark').first().waitFor();
};
const asked = (page, type) => page.evaluate((t) => window.fake.asked.filter((r) => r.type === t), type);

export const scenes = {
  'calls': { act: (page) => page.locator('.row[data-row]').first().hover() },
  'calls-detail': { act: (page) => page.locator('.row[data-row]').first().click() },
  'calls-missed-detail': { act: (page) => page.locator('.row[data-row]').nth(1).click() },
  'calls-menu': { act: (page) => page.locator('.row[data-row]').nth(2).click({ button: 'right' }) },
  'missed': { act: (page) => page.getByRole('radio', { name: /Missed/ }).click() },
  'search': { act: (page) => page.getByLabel('Search or dial').fill('ma') },
  'search-nothing': { act: (page) => page.getByLabel('Search or dial').fill('bellweth') },
  'dial': { act: (page) => page.getByLabel('Search or dial').fill('01632 960') },
  'line-menu': { act: (page) => page.locator('.linechip').click() },
  'account-panel': { act: openAccount },
  'account-note': { act: async (page) => { await openAccount(page); await page.getByRole('menuitem', { name: /^Words beside/ }).click(); await page.getByLabel('What colleagues see').fill('Back at 14:00'); } },
  'account-panel-note': { act: async (page) => { await openAccount(page); await page.getByRole('menuitem', { name: /^Words beside/ }).click(); await page.keyboard.type('Back at 14:00, then in the meeting room until five'); await page.keyboard.press('Enter'); await page.locator('.dialog').waitFor({ state: 'detached' }); await openAccount(page); } },
  'lost': { scene: 'lost' },
  'certificate': { scene: 'untrusted', act: account('Sales') },
  'account-connection': { act: async (page) => { await account('Support')(page); await page.getByRole('radio', { name: 'WSS' }).click(); } },
  'certificate-changed': { scene: 'certificate-changed', act: account('Sales') },
  'dnd': { scene: 'dnd', sizes: { compact: [360, 640] } },
  'first-run': { scene: 'first-run' },
  'no-lines': { scene: 'no-lines', sizes: { compact: [360, 640] } },
  'contacts': { act: (page) => button(page, /^Contacts|Contacts$/).click() },
  'contacts-menu': { act: async (page) => { await button(page, /Contacts$/).click(); await page.locator('.tile').first().hover(); await page.locator('.tile .dots').first().click(); } },
  'contacts-none': { scene: 'first-run', act: (page) => button(page, /Contacts$/).click(), sizes: { compact: [360, 640] } },
  'contacts-add': { act: async (page) => { await button(page, /Contacts$/).click(); await button(page, 'Add a favourite').click(); } },
  'conversation': { act: async (page) => { await button(page, /Contacts$/).click(); await page.locator('button.row', { hasText: 'Sara' }).click(); await page.locator('.bubble').first().waitFor(); } },
  'voicemail-lamp': { scene: 'voicemail', sizes: { compact: [360, 640] } },
  'keypad': { act: async (page) => { await button(page, 'Keypad').click(); await page.keyboard.type('01632960042'); await page.locator('.match').waitFor(); } },
  'keypad-empty': { act: (page) => button(page, 'Keypad').click(), sizes: { compact: [360, 640] } },
  'incoming': { scene: 'incoming' },
  'incoming-more': { scene: 'incoming', act: (page) => page.locator('.toast .more').click() },
  'incoming-unknown': { scene: 'unknown' },
  'incoming-second': { scene: 'second' },
  'card': { scene: 'incoming', hash: '#card', sizes: { window: [360, 190] } },
  'card-more': { scene: 'incoming', hash: '#card', sizes: { window: [360, 270] }, act: (page) => page.locator('.toast .more').click() },
  'card-second': { scene: 'second', hash: '#card', sizes: { window: [360, 216] } },
  'in-call': { scene: 'in-call' },
  'in-call-activity': { scene: 'in-call', act: (page) => button(page, 'Call activity').click(), sizes: { compact: [360, 640] } },
  'in-call-devices': { scene: 'in-call', act: (page) => page.locator('button.device').click() },
  'in-call-calls': { scene: 'in-call', act: (page) => button(page, 'New call').click() },
  'on-hold': { scene: 'on-hold' },
  'ringing': { scene: 'ringing' },
  'ended': { scene: 'ended' },
  'tones': { scene: 'in-call', act: async (page) => { await button(page, 'Keypad').click(); await page.keyboard.type('4471#'); } },
  'transfer': { scene: 'in-call', act: async (page) => { await button(page, 'Transfer').click(); await page.locator('[role=option]').first().click(); } },
  'asking': { scene: 'asking' },
  'asking-ringing': { scene: 'asking-ringing', sizes: { compact: [360, 640] } },
  'conference': { scene: 'conference' },
  'referral': { scene: 'referral' },
  'redirected': { scene: 'redirected', sizes: { compact: [360, 640] } },
  'send-on': { scene: 'incoming', act: async (page) => { await page.locator('.toast .more').click(); await page.getByRole('menuitem', { name: 'Send on…' }).click(); } },
  'call-handling': { act: fold('Call handling') },
  'line-sound': { act: fold('Sound and keys') },
  'sound-voice': { act: async (page) => { await settings('Sound')(page); await page.getByText('Country of call tones').scrollIntoViewIfNeeded(); } },
  'sound-recording': { act: async (page) => { await settings('Sound')(page); await page.getByText(/record/i).last().scrollIntoViewIfNeeded(); } },
  'transfer-failed': { scene: 'transfer-failed' },
  'silent-line': { scene: 'silent-line' },
  'no-sound': { scene: 'no-sound' },
  'no-sound-calls': { scene: 'no-sound', act: (page) => button(page, 'New call').click(), sizes: { compact: [360, 640] } },
  'accounts': { act: settings('Accounts') },
  'accounts-lost': { scene: 'lost', act: account('Sales') },
  'account-form': { act: account('Support') },
  'account-new-faults': { act: async (page) => { await settings('Accounts')(page); await button(page, 'Add account').click(); await page.locator('form').getByRole('button', { name: 'Add account' }).click(); } },
  'account-remove': { act: async (page) => { await account('Support')(page); await button(page, 'Remove account').click(); } },
  'sound': { act: settings('Sound') },
  'general': { act: settings('General') },
  'studio': { act: studio, sizes: { compact: [360, 640], wide: [1120, 860], middle: [800, 700] } },
  'studio-fault': {
    sizes: { wide: [1120, 860] },
    act: async (page) => { await studio(page); await page.locator('textarea').fill('https://crm.example/?f=[sip.From]'); await button(page, 'Save').click(); await page.locator('.help.bad').first().waitFor(); },
  },
  'close': { act: (page) => page.evaluate(() => window.fake.emit({ type: 'close_asked', tray: false })) },
};

export const walks = {
  'the tab order is line, account, search, filters, list, tabs, right pane': {
    walk: async (page) => {
      await page.locator('.row[data-row]').first().click();
      await page.locator('.linechip').focus();
      const seen = [];
      for (let k = 0; k < 9; k++) {
        await page.keyboard.press('Tab');
        seen.push(await page.evaluate(() => document.activeElement.className.split(' ')[0] || document.activeElement.tagName));
      }
      assert.deepEqual(seen.slice(0, 8), ['me', 'INPUT', 'chip', 'ib', 'row', 'tab', 'tab', 'tab']);
      assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('.right'))), true);
    },
  },
  'arrows move in the list, right opens the actions, Enter calls': {
    walk: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      assert.match(await page.evaluate(() => document.activeElement.textContent), /01632960118/);
      await page.keyboard.press('ArrowRight');
      assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Call/);
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      await page.getByText('Calling from').waitFor();
      assert.equal((await asked(page, 'dial'))[0].target, 'sip:01632960118@sip.northgate.example');
    },
  },
  'digits and Enter dial; the call comes to the front and Cancel ends it': {
    width: 360, height: 640,
    walk: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('601');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Cancel call' }).waitFor();
      await page.clock.runFor(2000);
      await page.getByRole('timer').waitFor();
      await button(page, 'Hang up').click();
      await page.getByText('You hung up').waitFor();
      await page.getByRole('button', { name: /again/ }).waitFor();
    },
  },
  'pasting cleans a number': {
    walk: async (page) => {
      await page.keyboard.press('Control+k');
      await page.evaluate(() => navigator.clipboard.writeText('tel:+44 (0)20 7946-0102'));
      await page.keyboard.press('Control+v');
      await page.waitForFunction(() => document.querySelector('.search input').value === '+442079460102');
    },
  },
  'Space and Enter meant for something else do nothing on the card': {
    walk: async (page) => {
      await page.evaluate(() => window.fake.ringIn('Maria Keller', '01632960042'));
      const answer = page.locator('.toast').getByRole('button', { name: 'Answer' });
      await answer.waitFor();
      assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('.toast'))), false);
      await answer.evaluate((e) => e.focus());
      await page.keyboard.press('Enter');
      await page.keyboard.press('Space');
      assert.deepEqual(await asked(page, 'answer'), []);
      // The person goes there: Tab order is Answer, Decline, More.
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Decline');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Hang up' }).waitFor();
      assert.equal((await asked(page, 'answer')).length, 1);
    },
  },
  'for half a second nothing else is where the card was': {
    walk: async (page) => {
      const id = await page.evaluate(() => window.fake.ringIn('Maria Keller', '01632960042'));
      await page.locator('.toast').waitFor();
      await page.evaluate((call) => window.fake.request({ type: 'decline', call }), id);
      await page.locator('.shield').waitFor();
      await page.mouse.click(60, 28);
      assert.equal(await page.getByRole('menu').count(), 0);
      await page.clock.runFor(600);
      await page.locator('.shield').waitFor({ state: 'detached' });
      await page.mouse.click(60, 28);
      await page.getByRole('menu').waitFor();
    },
  },
  'Escape goes back one layer and the focus returns': {
    walk: async (page) => {
      await page.locator('.me').focus();
      await page.keyboard.press('Enter');
      await page.locator('.account').waitFor();
      await page.keyboard.press('ArrowDown');
      assert.equal((await page.evaluate(() => document.activeElement.textContent.trim())), 'Away');
      await page.keyboard.press('Escape');
      await page.locator('.account').waitFor({ state: 'detached' });
      assert.equal(await page.evaluate(() => document.activeElement.className), 'me');
    },
  },
  'F6 moves between the panes': {
    scene: 'in-call',
    walk: async (page) => {
      await page.keyboard.press('F6');
      assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('.left'))), true);
      await page.keyboard.press('F6');
      assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('.right'))), true);
    },
  },
  'holding 0 writes a plus': {
    walk: async (page) => {
      await page.getByRole('button', { name: 'Keypad', exact: true }).click();
      const zero = page.locator('[data-digit="0"]');
      const box = await zero.boundingBox();
      await page.mouse.move(box.x + 20, box.y + 20);
      await page.mouse.down();
      await page.clock.runFor(600);
      await page.mouse.up();
      assert.equal(await page.locator('input.n').inputValue(), '+');
    },
  },
  'a known variable replaces a misspelt one': {
    width: 1120, height: 860,
    walk: async (page) => {
      await studio(page);
      await button(page, '$caller_name$').last().click();
      const text = await page.locator('textarea').inputValue();
      assert.ok(!text.includes('$callername$') || text.endsWith('$caller_name$'), text);
      await button(page, 'Save').click();
      await page.waitForFunction(() => window.fake.asked.some((r) => r.type === 'save_pop_rule'));
    },
  },
};
