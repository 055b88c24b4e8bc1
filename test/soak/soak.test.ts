import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { Installation } from '../end-to-end/process.js';
import { BEHAVIORS, chance } from './faults.js';

/** `SOAK_SECONDS=60` is what CI runs; `SOAK_SEED` runs one again. */
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 10);
const SEED = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const CALLERS = 8;

jest.setTimeout((SECONDS + 120) * 1000);

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.create();
  await installation.start();
  await installation.ready();
});
afterAll(() => installation.stop());

interface Tally {
  answered: number;
  failed: number;
  left: number;
  readonly wrong: string[];
  readonly decisionIds: Set<string>;
}

test(`under faults at random nothing is lost, wrong, unjudged or leaked (seed ${SEED})`, async () => {
  const random = chance(SEED);
  const seen = upstreamWithFaults(random);
  const tally: Tally = { answered: 0, failed: 0, left: 0, wrong: [], decisionIds: new Set() };
  const token = await installation.token('agent', ['support-agents']);
  const until = Date.now() + SECONDS * 1000;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let count = 0; Date.now() < until; count += 1)
      await call(token, `${caller}-${count}`, random, tally);
  });
  await wait(until - SECONDS * 600);
  const early = resources();
  await Promise.all(callers);
  await installation.until(async () => openFiles() <= early.files + 4);
  const late = resources();

  expect(tally.wrong).toEqual([]);
  expect(tally.answered).toBeGreaterThan(SECONDS * 5);
  expect(tally.failed).toBeGreaterThan(0);
  expect(tally.left).toBeGreaterThan(0);

  const records = await installation.audit();
  const judged = new Set(
    records
      .filter(({ event }) => event['type'] === 'decision' && event['effect'] === 'allow')
      .map(({ event }) => event['message_digest']),
  );
  const unjudged = seen.filter(
    (body) => !judged.has(`sha256:${createHash('sha256').update(body).digest('hex')}`),
  );
  expect(unjudged).toEqual([]);
  const recorded = new Set(records.map(({ event }) => event['decision_id']));
  expect([...tally.decisionIds].filter((id) => !recorded.has(id))).toEqual([]);
  expect(late.megabytes).toBeLessThan(early.megabytes * 1.5 + 50);
});

/** Answers each call rightly or not, by chance; keeps the bytes of what reached it. */
function upstreamWithFaults(random: () => number): Buffer[] {
  const seen: Buffer[] = [];
  const behaviors = Object.values(BEHAVIORS);
  installation.upstream.handler = async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', () => response.destroy());
    await once(request, 'end');
    const body = Buffer.concat(chunks);
    seen.push(body);
    const { id, params } = JSON.parse(body.toString()) as {
      id: string;
      params: { arguments: { query: string } };
    };
    const text = params.arguments.query;
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
    await behaviors[Math.floor(random() * behaviors.length)]?.(response, answer, random);
  };
  return seen;
}

async function call(token: string, id: string, random: () => number, tally: Tally): Promise<void> {
  const leaves = random() < 0.1;
  const leaving = new AbortController();
  const query = `nonce ${id} ${random()}`;
  try {
    const response = await fetch(`${installation.url}/mcp/backoffice`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'find_customer', arguments: { query } },
      }),
      signal: leaving.signal,
    });
    if (leaves) {
      leaving.abort();
      tally.left += 1;
      return;
    }
    tally.decisionIds.add(response.headers.get('Regate-Decision-Id') ?? 'none');
    judge(await response.text(), response.headers.get('Content-Type') ?? '', { id, query }, tally);
  } catch (thrown) {
    if (!leaves) tally.wrong.push(`${id}: ${thrown}`);
  }
}

/** The caller must get exactly one answer for its id: the right result, or an error that says the upstream failed. */
function judge(text: string, type: string, asked: { id: string; query: string }, tally: Tally): void {
  const messages = type.startsWith('text/event-stream')
    ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data))
    : [JSON.parse(text)];
  const answers = messages.filter((message) => 'result' in message || 'error' in message);
  const [answer] = answers;
  if (answers.length !== 1 || answer.id !== asked.id) tally.wrong.push(`${asked.id} got ${text}`);
  else if (answer.error === undefined && answer.result.content[0].text === asked.query) tally.answered += 1;
  else if (answer.error?.code === -32603) tally.failed += 1;
  else tally.wrong.push(`${asked.id} got ${text}`);
}

function resources(): { megabytes: number; files: number } {
  const status = readFileSync(`/proc/${installation.pid}/status`, 'utf8');
  return { megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, files: openFiles() };
}

function openFiles(): number {
  return readdirSync(`/proc/${installation.pid}/fd`).length;
}

async function wait(until: number): Promise<void> {
  await installation.until(async () => Date.now() >= until);
}
