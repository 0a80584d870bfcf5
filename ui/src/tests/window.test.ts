import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { asked, open, settle } from './harness';

afterEach(cleanup);

const field = () => screen.getByLabelText<HTMLInputElement>('Search or dial');
const type = async (text: string) => {
  await fireEvent.input(field(), { target: { value: text } });
  await settle();
};

test('letters search the history, digits show the green button', async () => {
  const backend = await open();
  await type('mar');
  expect(asked(backend, 'search_history').at(-1)).toMatchObject({ text: 'mar', filter: 'all' });
  expect(screen.queryByRole('button', { name: /^Call mar/ })).toBeNull();
  await type('0163');
  expect(screen.getByRole('button', { name: 'Call 0163 from Sales' })).toBeTruthy();
});

test('Enter dials what is in the field', async () => {
  const backend = await open();
  await type('601');
  await fireEvent.keyDown(field(), { key: 'Enter' });
  await settle();
  expect(asked(backend, 'dial')).toEqual([{ type: 'dial', target: '601' }]);
  expect(screen.getByLabelText('Active call, 601')).toBeTruthy();
});

test('pasted text goes through the engine and comes back clean', async () => {
  const backend = await open();
  await fireEvent.paste(field(), { clipboardData: { getData: () => ' tel:+44 (0)20 7946-0102\n' } });
  await settle();
  expect(asked(backend, 'read_target')).toEqual([{ type: 'read_target', text: ' tel:+44 (0)20 7946-0102\n' }]);
  expect(field().value).toBe('+442079460102');
});

test('what the engine cannot read is pasted as it is', async () => {
  await open();
  await fireEvent.paste(field(), { clipboardData: { getData: () => 'Maria  Keller ' } });
  await settle();
  expect(field().value).toBe('Maria Keller');
});

test('a link fills the field and dials nothing', async () => {
  const backend = await open();
  backend.emit({ type: 'prefill', target: 'tel:+441632960042' });
  await settle();
  expect(field().value).toBe('+441632960042');
  expect(asked(backend, 'dial')).toEqual([]);
});

test('the notification of a message opens its conversation', async () => {
  const backend = await open();
  backend.emit({ type: 'show_messages', peer: '218', name: '218' });
  await settle();
  expect(screen.getByLabelText('Message to Aiko Tanaka')).toBeTruthy();
});

test('a refusal stands beside the field', async () => {
  await open('no-lines');
  await type('601');
  await fireEvent.keyDown(field(), { key: 'Enter' });
  await settle();
  expect(screen.getByRole('alert').textContent).toContain('There is no line to call from.');
  expect(field().value).toBe('601');
});

test('mute says its state in its word and to assistive technology', async () => {
  const backend = await open('silent-line');
  const mute = screen.getByRole('button', { name: 'Mute' });
  expect(mute.getAttribute('aria-pressed')).toBe('false');
  await fireEvent.click(mute);
  await settle();
  expect(asked(backend, 'mute')).toEqual([{ type: 'mute', call: 1, on: true }]);
  expect(screen.getByRole('button', { name: 'Muted' }).getAttribute('aria-pressed')).toBe('true');
});

test('the keypad of a call sends tones and shows how many went', async () => {
  const backend = await open('in-call');
  await fireEvent.click(screen.getByRole('button', { name: 'Keypad' }));
  await fireEvent.keyDown(document.body, { key: '4' });
  await fireEvent.click(document.querySelector('[data-digit="#"]') as Element);
  await settle();
  expect(asked(backend, 'send_digits').map((r) => r.digits)).toEqual(['4', '#']);
  expect(screen.getByText('2 tones sent to Maria Keller')).toBeTruthy();
});

test('a call that ends says why and offers to call again', async () => {
  const backend = await open('ended');
  expect(screen.getByText('Busy')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Call again, Maria Keller' }));
  await settle();
  expect(asked(backend, 'dial')).toEqual([{ type: 'dial', target: 'sip:01632960042@sip.northgate.example', account: 1 }]);
});

test('a failed transfer says so and the call is still there', async () => {
  await open('transfer-failed');
  expect(screen.getByText('Omar did not answer. Maria is back with you.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Hang up' })).toBeTruthy();
});

test('a line that is lost says why, and tries again at once', async () => {
  const backend = await open('lost');
  expect(screen.getByText('Callers cannot reach you on Sales')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
  expect(asked(backend, 'register_now')).toEqual([{ type: 'register_now', account: 1 }]);
});

test('presence is one click', async () => {
  const backend = await open();
  await fireEvent.click(screen.getByRole('button', { name: /Open account panel/ }));
  await fireEvent.click(screen.getByRole('menuitemradio', { name: 'Do not disturb' }));
  await settle();
  expect(asked(backend, 'set_presence')).toEqual([{ type: 'set_presence', state: 'do_not_disturb' }]);
  expect(screen.getByRole('button', { name: 'James Smith, Do not disturb. Open account panel' })).toBeTruthy();
});

test('closing asks, and remembers only when told to', async () => {
  const backend = await open();
  backend.emit({ type: 'close_asked', tray: true });
  await settle();
  const dialog = screen.getByRole('dialog');
  await fireEvent.click(within(dialog).getByLabelText('Do not ask again'));
  await fireEvent.click(within(dialog).getByRole('button', { name: 'Hide and stay reachable' }));
  await settle();
  expect(asked(backend, 'save_settings')[0]?.settings.onClose).toBe('hide');
  expect(screen.queryByRole('dialog')).toBeNull();
});
