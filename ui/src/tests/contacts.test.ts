import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { asked, open, settle } from './harness';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole('button', { name }));
  await settle();
};
const contacts = async (scene = 'office') => {
  const backend = await open(scene);
  await press(/Contacts$/);
  return backend;
};

test('a lamp says who is free, and a click calls', async () => {
  const backend = await contacts();
  await press(/^Call\s*Aiko Tanaka\s*Available$/);
  expect(asked(backend, 'dial')).toEqual([{ type: 'dial', target: '218', account: 1 }]);
});

test('a call that rings at a colleague is taken with one click', async () => {
  const backend = await contacts();
  await press(/^Pick up the call of\s*Sara Nunes/);
  expect(asked(backend, 'pick_up')).toEqual([{ type: 'pick_up', watch: 3 }]);
  expect(asked(backend, 'dial')).toEqual([]);
});

test('each state of a colleague has its own word', async () => {
  await contacts();
  for (const word of ['Available', 'On a call', 'Ringing: pick up', 'Not till 14:00', 'Away', 'Offline']) expect(screen.getByText(word)).toBeTruthy();
});

test('a favourite is added, and a wrong number is said beside the field', async () => {
  const backend = await contacts('first-run');
  await fireEvent.click(screen.getAllByRole('button', { name: 'Add a favourite' })[0] as Element);
  await settle();
  await fireEvent.input(screen.getByLabelText(/^Number or address/), { target: { value: 'not a number' } });
  await press('Save');
  expect(screen.getByText('This is not a number and not an address.')).toBeTruthy();
  await fireEvent.input(screen.getByLabelText(/^Number or address/), { target: { value: '610' } });
  await press('Save');
  expect(asked(backend, 'save_watch').at(-1)?.watch).toMatchObject({ target: '610' });
  expect(screen.getByRole('button', { name: /^Call\s*610\s*Available$/ })).toBeTruthy();
});

test('a note from a colleague is read, answered, and counted as seen when the window is looked at', async () => {
  vi.spyOn(document, 'hasFocus').mockReturnValue(false);
  const backend = await contacts();
  expect(screen.getAllByLabelText('1 new message').length).toBeGreaterThan(0);
  await fireEvent.click(screen.getByText('Can you take the Keller call at three?'));
  await settle();
  await fireEvent.blur(window);
  expect(asked(backend, 'mark_messages_seen')).toEqual([]);
  await fireEvent.focus(window);
  await settle();
  expect(asked(backend, 'mark_messages_seen')).toEqual([{ type: 'mark_messages_seen', peer: '203' }]);
  const field = screen.getByLabelText('Message to Sara Nunes');
  await fireEvent.input(field, { target: { value: 'Yes' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await settle();
  expect(asked(backend, 'send_message')).toEqual([{ type: 'send_message', target: '203', text: 'Yes', account: 1 }]);
  expect(screen.getByText('Yes')).toBeTruthy();
});

test('a text from the network is text', async () => {
  const backend = await contacts();
  const evil = '<img src=x onerror=alert(1)>';
  backend.publish([{ type: 'message', value: { id: 99, account: 1, line: 'Sales', peer: '203', name: 'Sara', number: '203', incoming: true, text: evil, at: Date.now(), outcome: 'received', reason: '', unseen: true } }]);
  await settle();
  expect(screen.getByText(evil)).toBeTruthy();
  expect(document.querySelector('img')).toBeNull();
});

test('the mailbox lamp calls the mailbox', async () => {
  const backend = await open('voicemail');
  await press('Sales: 2 new voicemails. Call them');
  expect(asked(backend, 'call_voicemail')).toEqual([{ type: 'call_voicemail', account: 1 }]);
});

test('transfers offer colleagues first, with their lamps', async () => {
  const backend = await open('silent-line');
  await press('Transfer');
  await fireEvent.keyDown(screen.getByRole('combobox'), { key: 'ArrowDown' });
  expect(screen.getAllByRole('option')[0]?.textContent).toContain('Available');
  await fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
  await settle();
  expect(asked(backend, 'consult')).toEqual([{ type: 'consult', call: 1, target: '218' }]);
});

test('the words beside my state are typed, shown in my panel, and taken away', async () => {
  const backend = await open();
  const panel = async () => press(/Open account panel$/);
  await panel();
  await fireEvent.click(screen.getByRole('menuitem', { name: 'Words beside your state' }));
  await settle();
  const field = screen.getByLabelText('What colleagues see');
  expect(document.activeElement).toBe(field);
  await fireEvent.input(field, { target: { value: ' Back at 14:00 ' } });
  await press('Save');
  expect(asked(backend, 'set_presence')).toEqual([{ type: 'set_presence', state: 'online', note: 'Back at 14:00' }]);
  await panel();
  await fireEvent.click(screen.getByRole('menuitem', { name: /^Words beside your state\s*Back at 14:00$/ }));
  await settle();
  expect((screen.getByLabelText('What colleagues see') as HTMLInputElement).value).toBe('Back at 14:00');
  await press('Remove');
  expect(asked(backend, 'set_presence').at(-1)).toEqual({ type: 'set_presence', state: 'online', note: '' });
  await panel();
  expect(screen.queryByText('Back at 14:00')).toBeNull();
});
