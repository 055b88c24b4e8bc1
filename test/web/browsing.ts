import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Site } from './site.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA and all before it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Somebody's browser. What its pages complain of is kept: nothing of it is to be. */
export class Browsing {
  readonly complaints: string[] = [];
  readonly context: BrowserContext;
  readonly page: Page;
  readonly #site: Site;

  private constructor(site: Site, context: BrowserContext, page: Page) {
    this.#site = site;
    this.context = context;
    this.page = page;
  }

  static async open(browser: Browser, site: Site, options: BrowserContextOptions = {}): Promise<Browsing> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const browsing = new Browsing(site, context, page);
    const isOwn = () => page.url().startsWith(site.url);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && isOwn()) browsing.complaints.push(message.text());
    });
    page.on('pageerror', (error) => browsing.complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      browsing.complaints.push(`a script ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await context.exposeFunction('violated', (what: string) => browsing.complaints.push(what));
    await context.addInitScript(
      "document.addEventListener('securitypolicyviolation', (event) => violated(event.violatedDirective + ' ' + event.blockedURI))",
    );
    return browsing;
  }

  /** Signs in at the provider's own pages, and waits until the page says that it is live. */
  async signIn(login: string, path = '/approvals'): Promise<void> {
    const { page } = this;
    await page.goto(this.#site.url + path);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]'); // log in
    await page.click('button[type=submit]'); // consent
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.#site.url + path);
    await this.page.locator('main h1').waitFor();
  }

  /** What axe finds against a view as it stands, in each colour scheme. */
  async barriers(): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.evaluate(AXE);
      const violations = await this.page.evaluate(async (rules) => {
        const axe = Reflect.get(globalThis, 'axe') as {
          run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
        return (await axe.run({ runOnly: rules })).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      }, RULES);
      found.push(...violations.map((violation) => `${colorScheme} ${violation}`));
    }
    await this.page.emulateMedia({ colorScheme: null });
    return found;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
