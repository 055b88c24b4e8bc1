/**
 * What docs/waiting.md says a client meets first, by its version and the style: the official client of each version meets
 * it, with the official server behind the gateway, and comes to its answer once a human has approved.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { setImmediate as immediate } from 'node:timers/promises';
import { Harness } from './harness.js';
import * as sessions from './official-sessions.js';
import { page, STATELESS, WAITING } from './waiter.js';

type OfficialClient = sessions.OfficialClient;

/** What a client is asked to show. */
interface Shown {
  readonly mode?: string;
  readonly url?: string;
}

interface Stateless {
  handlerOf(run: () => string): RequestListener;
  connect(url: string, token: string, asked: (shown: Shown) => void): Promise<OfficialClient>;
}

const STYLES = ['hold', 'return', 'input_required', 'url_elicitation', 'task'];
/** Installed by `npm run conformance:mcp` and in continuous integration, not with the project. */
const SDK = new URL('../conformance/mcp/node_modules/@modelcontextprotocol/client', import.meta.url);
const [, ...VERSIONS] = cellsOf('style');

let harness: Harness;
let client: OfficialClient;
let runs = 0;
let shown: Shown[] = [];
/** The version that the server was last told of. */
let spoken: unknown;
beforeAll(async () => {
  harness = await Harness.start({
    policy: WAITING,
    page: page(),
    offersTasks: true,
    waitTimes: { keepAlive: 50, silent: 100, again: 100 },
  });
});
afterEach(() => client.close());
afterAll(() => harness.close());

/** A row of the page's table. */
function cellsOf(first: string): string[] {
  const row = new RegExp(`^\\| (?:${first}|\`${first}\`) \\| .* \\|$`, 'm').exec(
    readFileSync('docs/waiting.md', 'utf8'),
  );
  if (row === null) throw new Error(`docs/waiting.md has no row of ${first}`);
  return row[0].slice(2, -2).split(' | ');
}

/** An official server behind the gateway, and the official client of a version in front of it. */
async function connect(version: string): Promise<void> {
  runs = 0;
  shown = [];
  const run = () => {
    runs += 1;
    return `run ${runs}`;
  };
  const [url, token] = [`${harness.url}/mcp/tools`, await harness.token()];
  const serve = (handler: RequestListener) => {
    harness.upstream.handler = (request, response) => {
      spoken = request.headers['mcp-protocol-version'];
      handler(request, response);
    };
  };
  if (version === STATELESS) {
    const sdk: Stateless = await import(new URL('official-2026.mjs', import.meta.url).href);
    serve(sdk.handlerOf(run));
    client = await sdk.connect(url, token, (what) => shown.push(what));
  } else {
    serve(sessions.handlerOf(run));
    client = await sessions.connect(version, url, token);
  }
}

async function api<T>(path: string, method = 'GET'): Promise<T> {
  const alice = await harness.token({ sub: 'alice', client_id: 'page', groups: ['approvers'] });
  const headers = { Authorization: `Bearer ${alice}` };
  const response = await harness.fetch(method, method === 'GET' ? undefined : '{}', headers, path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** A human finds the one approval that is pending, and approves it. @returns its page */
async function approve(): Promise<string> {
  for (;;) {
    const { approvals } = await api<{ approvals: { id: string }[] }>('/api/approvals?state=pending');
    const [one] = approvals;
    if (one !== undefined) {
      await api(`/api/approvals/${one.id}/approve`, 'POST');
      return `http://gateway.test/approvals/${one.id}`;
    }
    await immediate();
  }
}

/** By what a client meets first: what it does until it has its answer. */
const TO_THE_END: Record<string, (call: () => ReturnType<OfficialClient['call']>) => Promise<unknown>> = {
  // The client polls by itself.
  async task(call) {
    const called = call();
    await approve();
    return called;
  },
  async stream(call) {
    const called = call();
    await approve();
    return called;
  },
  async '-31002'(call) {
    await expect(call()).rejects.toMatchObject({ code: -31002 });
    await approve();
    return call();
  },
  async '-32042'(call) {
    const sent = await call().catch((thrown: unknown) => thrown);
    const url = await approve();
    expect(sent).toMatchObject({ code: -32042, elicitations: [{ mode: 'url', url }] });
    return call();
  },
  // The client comes back by itself, with the state that it was given.
  async input_required(call) {
    const called = call();
    const url = await approve();
    const answer = await called;
    expect(shown).toMatchObject([{ mode: 'url', url }]);
    return answer;
  },
};

describe.each(VERSIONS)('the client of %s', (version) => {
  const runnable = version !== STATELESS || existsSync(SDK) || process.env['CI'] !== undefined;
  const rows = STYLES.map((style) => ({ style, meets: cellsOf(style)[VERSIONS.indexOf(version) + 1] ?? '' }));

  (runnable ? test : test.skip).each(rows)('$style: $meets, then its answer', async ({ style, meets }) => {
    await connect(version);
    const toTheEnd = TO_THE_END[meets];
    if (toTheEnd === undefined) throw new Error(`nobody knows what a client does that meets ${meets}`);
    const args = { wait: { styles: [style], hold_seconds: 20 }, version };
    const answer = await toTheEnd(() => (meets === 'task' ? client.callAsTask(args) : client.call(args)));
    expect(answer).toMatchObject({ content: [{ type: 'text', text: 'run 1' }] });
    expect({ runs, spoken }).toEqual({ runs: 1, spoken: version });
  });
});
