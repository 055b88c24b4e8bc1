import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { Browsing } from './browsing.js';
import { describeInChromium, startChromium } from './chromium.js';
import { REQUESTER, Site } from './site.js';

const BOTH = {
  all_of: [{ groups: ['payments-oncall'], quorum: 2, break_glass: ['leads'] }],
  ttl_seconds: 900,
};

describeInChromium('the page for approvers', () => {
  let site: Site;
  let browser: Browser;
  let bob: Browsing;
  beforeAll(async () => {
    [site, browser] = await Promise.all([Site.start(), startChromium()]);
    bob = await Browsing.open(browser, site);
    await bob.signIn('bob');
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const approvalOf = (id: string) => site.harness.approvals.show(id);
  const settled = (id: string) => site.harness.approvals.settled(id, AbortSignal.timeout(10_000));
  const heading = (name: string) => bob.page.getByRole('heading', { name, level: 1 });

  test('a new request appears in the inbox by itself, is opened by keys alone, and approved', async () => {
    const { page } = bob;
    await page.getByText('Nothing waits for you.').waitFor();
    const id = await site.ask();
    await page.getByRole('link', { name: 'issue_refund' }).waitFor();
    await page.waitForFunction("document.title.startsWith('(1) ')");
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await heading('issue_refund on backoffice').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByText('Exactly this call may run.').waitFor();
    await page.keyboard.press('Enter');
    const approved = await settled(id);
    expect(approved).toMatchObject({
      state: 'approved',
      votes: [{ verdict: 'approve', groups: ['payments-oncall', 'leads'] }],
    });
    await page.getByText('Approved', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await page.title()).not.toContain('(1)');
  });

  test('a denial needs a reason, which others see', async () => {
    const { page } = bob;
    const id = await site.ask({ tool: 'delete_customer' });
    await bob.open(`/approvals/${id}`);
    await page.getByRole('button', { name: 'Deny' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.getByText('Give a reason.').waitFor();
    expect((await approvalOf(id)).state).toBe('pending');
    await dialog.getByLabel('Reason').fill('wrong customer');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    expect((await settled(id)).votes).toMatchObject([{ verdict: 'deny', note: 'wrong customer' }]);
    await page.getByText('“wrong customer”').or(page.getByText('wrong customer')).waitFor();
  });

  test('arguments are narrowed in an editor that shows the difference, to the last digit', async () => {
    const { page } = bob;
    const id = await site.ask({ arguments: '{"amount": 9007199254740993, "order": "A-1"}' });
    await bob.open(`/approvals/${id}`);
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Policy judges them again').waitFor();
    const approve = dialog.getByRole('button', { name: 'Approve with changes' });
    expect(await approve.isDisabled()).toBe(true);
    const editor = dialog.getByLabel('Arguments (JSON)');
    expect(await editor.inputValue()).toContain('9007199254740993');
    await editor.fill('{"amount": 9007199254740993');
    await dialog.getByText('This is no JSON yet').waitFor();
    expect(await approve.isDisabled()).toBe(true);
    await editor.fill('{"amount": 9007199254740992, "order": "A-1"}');
    expect([await dialog.locator('del').textContent(), await dialog.locator('ins').textContent()]).toEqual([
      '9007199254740993',
      '9007199254740992',
    ]);
    await approve.click();
    expect((await settled(id)).narrowed).toContain('9007199254740992');
    await page.getByRole('heading', { name: 'Approved with these changes' }).waitFor();
  });

  test('what somebody else decides changes under your eyes, and an open question closes', async () => {
    const alice = await Browsing.open(browser, site);
    await alice.signIn('alice');
    const id = await site.ask({ tool: 'run_sql' });
    await Promise.all([bob.open(`/approvals/${id}`), alice.open(`/approvals/${id}`)]);
    await bob.page.getByText('Live', { exact: true }).waitFor();
    await bob.page.keyboard.press('a');
    await bob.page.getByRole('dialog').waitFor();
    await alice.page.keyboard.press('d');
    await alice.page.getByRole('dialog').getByLabel('Reason').fill('not today');
    await alice.page.keyboard.press('Tab');
    await alice.page.keyboard.press('Tab');
    await alice.page.keyboard.press('Enter');
    await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
    await bob.page.locator('.state .badge.denied').waitFor();
    expect(await bob.page.getByRole('button', { name: /Approve|Deny/ }).count()).toBe(0);
    expect(await bob.page.getByRole('status').textContent()).toContain('run_sql is denied by alice.');
    expect(alice.complaints).toEqual([]);
    await alice.close();
  });

  test('glass is broken behind a question of its own, with a reason', async () => {
    const { page } = bob;
    const id = await site.ask({ tool: 'restart_shop', requirement: BOTH });
    await bob.open(`/approvals/${id}`);
    await page.getByRole('button', { name: 'Break glass' }).click();
    const dialog = page.getByRole('dialog');
    const sure = dialog.getByRole('button', { name: 'Break glass and approve' });
    await dialog.getByLabel('Reason').fill('too short');
    await sure.click();
    await dialog.getByText('at least 10 characters.').waitFor();
    await dialog.getByLabel('Reason').fill('the shop is down and nobody else is awake');
    await sure.click();
    await dialog.getByText('Say that it cannot wait.').waitFor();
    await dialog.getByRole('checkbox').check();
    await sure.click();
    expect((await settled(id)).votes).toMatchObject([{ breaksGlass: true }]);
    await page.getByText('broke the glass').waitFor();
  });

  test('where somebody agreed to other arguments, the next one sees to which, and agrees to the same', async () => {
    const { page } = bob;
    const id = await site.ask({ tool: 'pay', arguments: '{"amount": 900}', requirement: BOTH });
    const dana = {
      ...REQUESTER,
      id: 'x|dana',
      subject: 'dana',
      client_id: 'people',
      issuer: 'x',
      claims: {},
      groups: ['payments-oncall'],
    };
    await bob.open(`/approvals/${id}`);
    await site.harness.approvals.vote(id, dana, { verdict: 'approve', narrowed: '{"amount": 90}' });
    await page.getByRole('heading', { name: 'Agreed to with these changes' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve with changes' }).count()).toBe(0);
    await page.keyboard.press('a');
    expect(await page.getByRole('dialog').locator('ins').textContent()).toBe('90');
    await page.keyboard.press('Enter');
    expect(await settled(id)).toMatchObject({ state: 'approved', narrowed: '{"amount": 90}' });
  });

  test('arguments nested deeper than a page can be are shown all the same', async () => {
    const id = await site.ask({ arguments: `{"deep":${'['.repeat(500)}"the bottom"${']'.repeat(500)}}` });
    await bob.open('/approvals');
    await bob.open(`/approvals/${id}`);
    await bob.page.getByText('"the bottom"').waitFor();
  });

  const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'><svg onload=alert(3)>';

  test('what others wrote is text wherever it stands, and what cannot be seen is shown', async () => {
    const { page } = bob;
    const id = await site.ask({
      tool: HOSTILE,
      message: HOSTILE,
      arguments: JSON.stringify({ [HOSTILE]: HOSTILE, note: 'pay \u202e001\u202c now\u200b' }),
      definition: JSON.stringify({ name: HOSTILE, description: HOSTILE, annotations: { title: HOSTILE } }),
      requirement: BOTH,
    });
    await bob.open('/approvals');
    await page.getByText(HOSTILE).first().waitFor();
    await bob.open(`/approvals/${id}`);
    expect(await page.getByText(HOSTILE).count()).toBeGreaterThanOrEqual(5);
    expect(await page.locator('.unseen').allTextContents()).toEqual(['U+202E', 'U+202C', 'U+200B']);
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByLabel('Note').fill(HOSTILE);
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.locator('.vote q').getByText(HOSTILE).waitFor();
    expect(await page.locator('main img, main script, main svg').count()).toBe(0);
  });

  test('no view has a barrier that axe finds, light or dark, wide or on a phone', async () => {
    const { page } = bob;
    const folder = mkdtempSync(join(tmpdir(), 'regate-screenshots-'));
    const look = async (name: string) => {
      expect([name, await bob.barriers()]).toEqual([name, []]);
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeGreaterThan(5_000);
    };
    const id = await site.ask({
      requirement: BOTH,
      arguments: '{"to":{"name":"Zoë"},"lines":[1,true,null,""]}',
    });
    await bob.open('/approvals');
    await page.locator('a.row').first().waitFor();
    await look('inbox');
    await bob.open('/approvals?view=decided');
    await page.locator('a.row').first().waitFor();
    await look('decided');
    await bob.open(`/approvals/${id}`);
    await look('detail');
    await page.setViewportSize({ width: 390, height: 844 });
    await look('phone');
    const overflows = () => page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(await overflows()).toBe(false);
    await page.keyboard.press('n');
    await look('narrow');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Break glass' }).click();
    await look('glass');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await look('keys');
    await page.keyboard.press('Escape');
    await bob.open('/approvals');
    expect(await overflows()).toBe(false);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('what is beyond the first page is shown by a button that j and Enter reach as well', async () => {
    const { page } = bob;
    const ids: string[] = [];
    const requester = (number: number) => ({ ...REQUESTER, id: `x|${number % 5}` });
    for (let number = 0; number < 75; number++)
      ids.push(await site.ask({ tool: `paged_${number}`, requester: requester(number) }));
    await bob.open('/approvals');
    const rows = page.locator('a.row');
    const more = page.getByRole('button', { name: 'Show more' });
    await more.waitFor();
    expect(await rows.count()).toBe(50);
    expect(await bob.barriers()).toEqual([]);
    await page.getByText('50+').waitFor();
    await rows.nth(49).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByText('paged_0 on').waitFor();
    await page.waitForFunction("document.activeElement?.className === 'row'");
    expect(await page.evaluate('document.activeElement?.textContent')).toContain('paged_24');
    for (const id of ids) await site.harness.store.approvals.withdraw(id);
  });

  test('single keys can be turned off, and every control is reached by Tab', async () => {
    const { page } = bob;
    const id = await site.ask({ tool: 'by_tab' });
    await bob.open(`/approvals/${id}`);
    const reached = new Set<string>();
    for (let step = 0; step < 20; step++) {
      await page.keyboard.press('Tab');
      reached.add(String(await page.evaluate('document.activeElement?.textContent')));
    }
    for (const control of [
      'Skip to content',
      'Sign out',
      'Approvea',
      'Denyd',
      'Approve with changesn',
      'Whole definition',
    ])
      expect(reached).toContain(control);
    await page.keyboard.press('?');
    await page.getByLabel('Single keys are on').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('signing out ends it here and for the cookie', async () => {
    const { page } = bob;
    const cookies = await bob.context.cookies(site.url);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out here.').waitFor();
    expect(await bob.barriers()).toEqual([]);
    const [session] = cookies;
    const answer = await fetch(`${site.url}/api/approvals`, {
      headers: { Cookie: `${session?.name}=${session?.value}` },
    });
    expect(answer.status).toBe(401);
  });

  test('nothing violated the content security policy, failed or warned in the console', () => {
    expect(bob.complaints).toEqual([]);
  });
});
