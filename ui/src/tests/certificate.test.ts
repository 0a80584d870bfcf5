import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import { asked, open, settle } from './harness';

afterEach(cleanup);

async function line(scene: string, name = /Sales/) {
  const backend = await open(scene);
  await fireEvent.click(screen.getByRole('button', { name: /Open account panel/ }));
  await fireEvent.click(screen.getByRole('menuitem', { name: /^Accounts/ }));
  await settle();
  const rows = screen.getAllByRole('button', { name }).filter((b) => b.classList.contains('choice'));
  await fireEvent.click(rows[0] as HTMLElement);
  await settle();
  return backend;
}

test('a certificate that proves nothing is shown with all that a person needs to judge it', async () => {
  const backend = await line('untrusted');
  const panel = screen.getByRole('region', { name: 'The server did not prove who it is' });
  for (const text of ['The certificate is for pbx.northgate.example, not for sip.northgate.example.', 'CN=Northgate Internal CA', /E3:B0:C4:42/, 'From 1 January 2026 to 1 January 2027']) {
    expect(panel.textContent).toMatch(text instanceof RegExp ? text : new RegExp(text.replace(/[.]/g, '\\.')));
  }
  expect(asked(backend, 'trust_certificate')).toEqual([]);
});

test('it is trusted only after a second question, and exactly the one that was shown', async () => {
  const backend = await line('untrusted');
  await fireEvent.click(screen.getByRole('button', { name: 'Trust this certificate' }));
  await settle();
  expect(asked(backend, 'trust_certificate')).toEqual([]);
  const buttons = screen.getAllByRole('button', { name: 'Trust this certificate' });
  await fireEvent.click(buttons[buttons.length - 1] as HTMLElement);
  await settle();
  const [request] = asked(backend, 'trust_certificate');
  expect(request).toMatchObject({ account: 1 });
  expect(request?.sha256).toMatch(/^E3:B0/);
  expect(screen.queryByRole('region', { name: 'The server did not prove who it is' })).toBeNull();
  expect(screen.getByText(/one certificate only/).textContent).toContain('E3:B0');
});

test('a changed certificate warns with both fingerprints', async () => {
  await line('certificate-changed');
  const panel = screen.getByRole('region', { name: 'The server shows another certificate than before' });
  expect(panel.textContent).toMatch(/Trusted before\s*00:B0/);
  expect(panel.textContent).toMatch(/SHA-256\s*E3:B0/);
  await fireEvent.click(screen.getByRole('button', { name: 'Trust this certificate' }));
  await settle();
  expect(screen.getByText(/wants to listen in/)).toBeTruthy();
});

test('a trusted certificate is trusted no more when the form is saved without it', async () => {
  const backend = await line('certificate-changed');
  await fireEvent.click(screen.getByRole('button', { name: 'Trust it no more' }));
  await settle();
  await fireEvent.submit(document.querySelector('form') as HTMLFormElement);
  await settle();
  expect(asked(backend, 'save_account')[0]?.account.pinnedCertificate).toBeUndefined();
});
