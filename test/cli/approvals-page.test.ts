import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { regate } from '../command.js';
import { Installation } from '../end-to-end/process.js';

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.create();
});
afterAll(() => installation.stop());

function configure(issuer: string): void {
  const configuration = parse(readFileSync(installation.configuration, 'utf8'));
  configuration.gateway.approvals = { page: { issuer, client_id: 'approvals-page' } };
  writeFileSync(installation.configuration, stringify(configuration));
}

test('a page whose issuer is not trusted keeps the gateway from starting', async () => {
  configure('https://elsewhere.test');
  const { status, stderr } = await regate('serve', '--config', installation.configuration);
  expect([status, stderr]).toEqual([2, expect.stringContaining('gateway.approvals.page.issuer')]);
});

test('the page is there where it is configured, and says so where nobody can sign in', async () => {
  configure(installation.issuer.url);
  await installation.start();
  const page = await fetch(`${installation.url}/approvals`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Approvals · Regate')]);
  const signIn = await fetch(`${installation.url}/approvals/sign-in`, { redirect: 'manual' });
  expect([signIn.status, signIn.headers.get('location')]).toEqual([303, '/approvals?sign_in=unavailable']);
});
