import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type RunningDemo, startDemo } from '../../src/demo/demo.js';
import { readState } from '../../src/demo/state.js';
import { tourOf, type Visit } from '../../src/demo/tour/visit.js';
import { welcome } from '../../src/demo/welcome.js';
import { describeInChromium, startChromium } from '../web/chromium.js';
import { registerSecrets } from './secrets.js';

jest.setTimeout(120_000);
const REFUND = { payment_id: 'p-browser', amount: 800, currency: 'EUR', reason: 'damaged' };

/** The first minutes of a new user, with what `npm start` printed. */
describeInChromium("the demo's approver, in a browser", () => {
  let demo: RunningDemo;
  let visit: Visit;
  let browser: Browser;
  let page: Page;
  let printed: string;
  let directory: string;

  beforeAll(async () => {
    process.env['REGATE_DEMO_PORTS'] = '0';
    directory = mkdtempSync(join(tmpdir(), 'regate-demo-'));
    demo = await startDemo(directory, () => undefined, new AbortController().signal);
    registerSecrets((await readState(directory)).secrets);
    printed = await welcome(demo);
    visit = await tourOf(demo.addresses);
    browser = await startChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('opens the printed page, signs in, sees the held refund and approves it', async () => {
    const held = await visit.mustFail(-31002, 'support-agent', 'backoffice', 'refund_payment', REFUND);
    const url = /approvers' page +(http:\S+)/.exec(printed)?.[1] ?? '';
    const password = /password: (\S+)/.exec(printed)?.[1] ?? '';
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Password').fill('a guess');
    await page.getByRole('button', { name: 'Sign in as Morgan' }).click();
    await page.getByText('That is not the password').waitFor();
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in as Morgan' }).click();
    await page.getByRole('link', { name: 'refund_payment' }).click();
    const { id } = held.data['approval'] as { id: string };
    await page.waitForURL(`${url}/${id}`);
    await page.getByRole('button', { name: 'Approve' }).first().click(); // the other is `Approve with changes`
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved', { exact: true }).waitFor();
    await visit.mustPass('support-agent', 'backoffice', 'refund_payment', REFUND);
  });

  test('is still signed in when everything was started anew', async () => {
    await visit.leave();
    await demo.stop();
    demo = await startDemo(directory, () => undefined, new AbortController().signal);
    await page.goto(`${demo.addresses.gateway}/approvals`);
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  });
});
