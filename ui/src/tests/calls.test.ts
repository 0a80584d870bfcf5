import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { asked, open, settle } from './harness';

afterEach(cleanup);

const press = async (name: string | RegExp) => {
  await fireEvent.click(screen.getByRole('button', { name }));
  await settle();
};
const choose = async (text: string) => {
  await fireEvent.input(screen.getByRole('combobox'), { target: { value: text } });
  await settle();
};

test('Enter asks the colleague first; the caller waits', async () => {
  const backend = await open('silent-line');
  await press('Transfer');
  await choose('218');
  await fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
  await settle();
  expect(asked(backend, 'consult')).toEqual([{ type: 'consult', call: 1, target: '218' }]);
  expect(asked(backend, 'transfer')).toEqual([]);
  expect(screen.getByText('Asking 218')).toBeTruthy();
});

test('a transfer without a word is its own button', async () => {
  const backend = await open('silent-line');
  await press('Transfer');
  await choose('218');
  await press('Transfer now');
  expect(asked(backend, 'transfer')).toEqual([{ type: 'transfer', call: 1, target: '218' }]);
});

test('the caller is handed over, or taken back', async () => {
  const backend = await open('asking');
  await press('Hand Maria over to Aiko');
  expect(asked(backend, 'complete_transfer')).toEqual([{ type: 'complete_transfer', call: 1 }]);
  cleanup();
  const again = await open('asking');
  await press('Back to Maria');
  expect(asked(again, 'cancel_consult')).toEqual([{ type: 'cancel_consult', call: 1 }]);
  expect(screen.getByRole('button', { name: 'Hang up' })).toBeTruthy();
});

test('while the colleague rings nobody can be swapped, but the call can be handed over', async () => {
  await open('asking-ringing');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Swap' }).disabled).toBe(true);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'All three' }).disabled).toBe(true);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Hand Maria over to Aiko' }).disabled).toBe(false);
});

test('three talk, and each can be let go', async () => {
  const backend = await open('asking');
  await press('All three');
  expect(asked(backend, 'conference')).toEqual([{ type: 'conference', calls: [1, 3] }]);
  expect(screen.getByText('Conference of 3')).toBeTruthy();
  await press('Mute');
  expect(asked(backend, 'mute').map((r) => [r.call, r.on])).toEqual([[1, true], [3, true]]);
  await press('Hang up Aiko Tanaka');
  expect(asked(backend, 'hang_up')).toEqual([{ type: 'hang_up', call: 3 }]);
});

test('a conference of three goes on without the person in the middle', async () => {
  const backend = await open('conference');
  await press('Leave Maria with Aiko');
  expect(asked(backend, 'complete_transfer')).toEqual([{ type: 'complete_transfer', call: 1, with: 3 }]);
});

test('to be passed on is asked, never done alone', async () => {
  const backend = await open('referral');
  expect(screen.getByText('Maria Keller asks you to call Aiko Tanaka (218).')).toBeTruthy();
  await press('Stay here');
  expect(asked(backend, 'answer_referral')).toEqual([{ type: 'answer_referral', call: 1, accept: false }]);
});

test('a call that was sent on is followed only by a click', async () => {
  const backend = await open('redirected');
  expect(asked(backend, 'follow_redirect')).toEqual([]);
  await press('Call 01632 960771');
  expect(asked(backend, 'follow_redirect')).toEqual([{ type: 'follow_redirect', call: 1, target: 'sip:01632960771@sip.northgate.example' }]);
});

test('a ringing call is sent to the mailbox or to anybody', async () => {
  const backend = await open('incoming');
  await fireEvent.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'More' }));
  await settle();
  await fireEvent.click(screen.getByRole('menuitem', { name: 'Send on…' }));
  await settle();
  await fireEvent.input(screen.getByLabelText('Number or address'), { target: { value: '218' } });
  await press('Send on');
  expect(asked(backend, 'forward')).toEqual([{ type: 'forward', call: 1, target: '218' }]);
});

test('parking is offered where the line knows how', async () => {
  const backend = await open('silent-line');
  await press('Transfer');
  await press('Park Maria');
  expect(asked(backend, 'park')).toEqual([{ type: 'park', call: 1 }]);
});

test('one call can hide the number, the next shows it again', async () => {
  const backend = await open();
  const field = screen.getByLabelText<HTMLInputElement>('Search or dial');
  await fireEvent.input(field, { target: { value: '601' } });
  await settle();
  await press('Hide my number for this call');
  await fireEvent.keyDown(field, { key: 'Enter' });
  await settle();
  expect(asked(backend, 'dial')).toEqual([{ type: 'dial', target: '601', anonymous: true }]);
});

test('to be passed on is asked wherever the person is, and after the other end has gone', async () => {
  const backend = await open('referral');
  await press('Transfer');
  expect(screen.getByText('Maria passes you on')).toBeTruthy();
  const call = backend.state.calls[0];
  if (!call) throw new Error('no call');
  backend.publish([{ type: 'call', value: { ...call, state: 'ended', end: { reason: 'hung_up_there', text: 'The other end hung up', at: Date.now() } } }]);
  await settle();
  await press('Call');
  expect(asked(backend, 'answer_referral')).toEqual([{ type: 'answer_referral', call: 1, accept: true }]);
});

test('a call just held stays in front, so that Resume is for it', async () => {
  const backend = await open('in-call');
  await press('Hold');
  expect(screen.getByLabelText('Active call, Maria Keller')).toBeTruthy();
  await press('Resume');
  expect(asked(backend, 'resume')).toEqual([{ type: 'resume', call: 1 }]);
});

test('a failed transfer is put away and blocks nothing', async () => {
  await open('transfer-failed');
  await press('Dismiss');
  expect(screen.queryByText('The transfer failed')).toBeNull();
});

test('what the phone has to say is said in a call too', async () => {
  await open('no-sound');
  expect(screen.getByText('There is no keyring here. Passwords are kept until Parley is closed.')).toBeTruthy();
});
