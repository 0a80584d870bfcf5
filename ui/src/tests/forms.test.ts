import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { paint } from '../lib/pops/variables';
import { parameterFault } from '../lib/pops/studio.svelte';
import { asked, open, settle } from './harness';

afterEach(cleanup);

async function menu(item: RegExp) {
  await fireEvent.click(screen.getByRole('button', { name: /Open account panel/ }));
  await fireEvent.click(screen.getByRole('menuitem', { name: item }));
  await settle();
}

async function newAccount() {
  const backend = await open();
  await menu(/^Accounts/);
  await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
  await settle();
  return backend;
}

const fill = (label: RegExp | string, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } });
const save = async () => {
  await fireEvent.submit(document.querySelector('form') as HTMLFormElement);
  await settle();
};

test('what is missing is said beside its field, and nothing is asked', async () => {
  const backend = await newAccount();
  await save();
  expect(screen.getAllByRole('alert').map((a) => a.textContent)).toEqual(['Give the line a name.', 'Enter the user.', 'Enter the domain or server.']);
  expect(asked(backend, 'save_account')).toEqual([]);
});

test('a refusal of the engine stands beside the field it is about', async () => {
  await newAccount();
  await fill('Line name', 'Night');
  await fill('User', '300');
  await fill('Domain or server', 'pbx example');
  await save();
  const domain = screen.getByLabelText('Domain or server');
  expect(domain.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(domain.getAttribute('aria-describedby') ?? '')?.textContent).toBe('A domain has no spaces.');
});

test('a password goes out once and never comes back into the form', async () => {
  const backend = await newAccount();
  await fill('Line name', 'Night');
  await fill('User', '300');
  await fill('Domain or server', 'pbx.example');
  await fill('Password', 's3cret');
  await save();
  expect(asked(backend, 'save_account')[0]?.account).toMatchObject({ name: 'Night', user: '300', domain: 'pbx.example', transport: 'auto', password: 's3cret' });
  expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('');
  await save();
  expect(asked(backend, 'save_account')[1]?.account).not.toHaveProperty('password');
});

test('a connection is chosen with its own words, and WebSocket asks for its path', async () => {
  const backend = await newAccount();
  await fill('Line name', 'Night');
  await fill('User', '300');
  await fill('Domain or server', 'pbx.example');
  expect(screen.queryByLabelText(/WebSocket path/)).toBeNull();
  await fireEvent.click(screen.getByRole('radio', { name: 'WSS' }));
  await settle();
  expect(screen.getByRole('radiogroup', { name: 'Connection' }).getAttribute('aria-describedby')).toBe('transport-help');
  expect(document.getElementById('transport-help')?.textContent).toMatch(/Nobody on the way/);
  await fill(/WebSocket path/, '/ws');
  await save();
  expect(asked(backend, 'save_account')[0]?.account).toMatchObject({ transport: 'wss', wsPath: '/ws' });
});

test('an account is removed only after the question', async () => {
  const backend = await open();
  await menu(/^Accounts/);
  await fireEvent.click(screen.getByRole('button', { name: /Support/ }));
  await fireEvent.click(screen.getByRole('button', { name: 'Remove account' }));
  expect(asked(backend, 'remove_account')).toEqual([]);
  await fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Remove account' }));
  await settle();
  expect(asked(backend, 'remove_account')).toEqual([{ type: 'remove_account', account: 2 }]);
});

async function studio() {
  const backend = await open();
  await menu(/^Pop studio/);
  return backend;
}
const target = () => screen.getByLabelText<HTMLTextAreaElement>('Web address or program path');

test('a template the engine refuses keeps the draft and says why beside the field', async () => {
  await studio();
  await fireEvent.input(target(), { target: { value: 'https://crm.example/?f=[sip.From]' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await settle();
  expect(screen.getByText(/defined by SIP itself/, { selector: '.help' })).toBeTruthy();
  expect(target().value).toBe('https://crm.example/?f=[sip.From]');
  expect(screen.getByText('Not saved yet')).toBeTruthy();
});

test('the preview follows the draft and names what is not known', async () => {
  const backend = await studio();
  await new Promise((done) => setTimeout(done, 200));
  await settle();
  expect(asked(backend, 'preview_pop').length).toBeGreaterThan(0);
  expect(screen.getByText('$callername$', { selector: 'b' })).toBeTruthy();
  await fireEvent.click(screen.getByText('$caller_name$', { selector: '.textlink' }));
  expect(target().value).toMatch(/&who=\$caller_name\$$/);
});

test('each line has its own rule; drafts survive looking at another', async () => {
  const backend = await studio();
  await fireEvent.click(screen.getByRole('radio', { name: /Manual/ }));
  await fireEvent.click(screen.getByRole('tab', { name: /Support/ }));
  await fireEvent.click(screen.getByRole('radio', { name: /Disabled/ }));
  await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
  await settle(20);
  expect(asked(backend, 'save_pop_rule').map((r) => [r.rule.account, r.rule.mode])).toEqual([[1, 'manual'], [2, 'disabled']]);
  expect(screen.queryByText('Not saved yet')).toBeNull();
});

test('names of own parameters are checked before they are saved', () => {
  expect(parameterFault([{ name: 'id', value: '1' }, { name: '', value: '' }])).toBeUndefined();
  expect(parameterFault([{ name: 'my id', value: '1' }])).toContain('my id');
  expect(parameterFault([{ name: 'caller', value: '1' }])).toContain('$caller$');
  expect(parameterFault([{ name: 'a', value: '1' }, { name: 'a', value: '2' }])).toContain('twice');
});

test('a template is painted by where its values come from', () => {
  expect(paint('x?$caller$&[sip.X-A]$key$$nobody$', ['key'])).toEqual([
    { text: 'x?', kind: 'plain' }, { text: '$caller$', kind: '' }, { text: '&', kind: 'plain' }, { text: '[sip.X-A]', kind: 'sip' }, { text: '$key$', kind: 'own' }, { text: '$nobody$', kind: 'bad' },
  ]);
});

test('the codecs of a line are put in order and switched off by hand, and the keys get their way', async () => {
  const backend = await newAccount();
  await fill('Line name', 'Night');
  await fill('User', '300');
  await fill('Domain or server', 'pbx.example');
  await fireEvent.click(screen.getByRole('button', { name: 'Move G.711 A-law up' }));
  await settle();
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Move G.711 A-law up');
  expect(screen.getByText('G.711 A-law is number 2 now')).toBeTruthy();
  await fireEvent.click(screen.getByRole('switch', { name: 'G.729' }));
  await fireEvent.click(screen.getByRole('radio', { name: 'SIP INFO' }));
  await save();
  expect(asked(backend, 'save_account')[0]?.account.options).toMatchObject({ codecs: ['opus', 'pcma', 'g722', 'pcmu'], keys: 'info', ownCodecOrder: false, pauses: false });
});

test('a line keeps at least one codec, and says so', async () => {
  const backend = await newAccount();
  await fill('Line name', 'Night');
  await fill('User', '300');
  await fill('Domain or server', 'pbx.example');
  for (const name of ['Opus', 'G.722 (HD)', 'G.711 A-law', 'G.711 µ-law', 'G.729']) await fireEvent.click(screen.getByRole('switch', { name }));
  await save();
  expect(screen.getByText('Leave at least one codec switched on.')).toBeTruthy();
  expect(asked(backend, 'save_account')).toEqual([]);
});
