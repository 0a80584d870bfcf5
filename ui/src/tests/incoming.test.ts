import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { asked, open, settle } from './harness';

afterEach(cleanup);

const card = () => screen.getByRole('alertdialog');
const press = (node: Element, key: string) => fireEvent.keyDown(node, { key });

test('the card says who, which line and which number, once, and takes no focus', async () => {
  await open('incoming');
  expect(card().getAttribute('aria-label')).toBe('Incoming call, Maria Keller, Keller & Sohn, on Sales');
  expect(within(card()).getByRole('alert').textContent).toBe('Incoming call, Maria Keller, Keller & Sohn, on Sales');
  expect(card().textContent).toContain('Call for Sales');
  expect(card().contains(document.activeElement)).toBe(false);
});

test('Enter and Space do nothing until the person has moved the focus into the card', async () => {
  await open('incoming');
  const answer = within(card()).getByRole('button', { name: 'Answer' });
  answer.focus(); // the window system did it, not the person
  expect(await press(answer, 'Enter')).toBe(false);
  expect(await press(answer, ' ')).toBe(false);
  expect(await fireEvent.keyUp(answer, { key: ' ' })).toBe(false);

  answer.blur();
  await press(document.body, 'Tab');
  answer.focus();
  expect(await press(answer, 'Enter')).toBe(true);
  expect(await fireEvent.keyDown(answer, { key: 'Enter', repeat: true })).toBe(false);
});

test('the focus that has left the card must be moved there again', async () => {
  await open('incoming');
  const answer = within(card()).getByRole('button', { name: 'Answer' });
  await press(document.body, 'Tab');
  answer.focus();
  screen.getByLabelText('Search or dial').focus();
  await press(document.activeElement as Element, 'a');
  answer.focus();
  expect(await press(answer, 'Enter')).toBe(false);
});

test('a click answers and holds the other call', async () => {
  const backend = await open('second');
  expect(within(card()).getByText(/You are talking to/).textContent).toContain('Maria Keller');
  await fireEvent.click(within(card()).getByRole('button', { name: 'Hold & answer' }));
  await settle();
  expect(asked(backend, 'answer')).toEqual([{ type: 'answer', call: 2, others: 'hold' }]);
  expect(screen.getByLabelText('Held call, Maria Keller')).toBeTruthy();
});

test('the window of the card alone shows the card and nothing else', async () => {
  await open('incoming', true);
  expect(card()).toBeTruthy();
  expect(screen.queryByRole('navigation')).toBeNull();
});

test('a caller’s markup is text', async () => {
  const backend = await open();
  backend.ringIn('<img src=x onerror=alert(1)>', '1');
  await settle();
  expect(card().querySelector('img')).toBeNull();
  expect(within(card()).getByText('<img src=x onerror=alert(1)>')).toBeTruthy();
});
