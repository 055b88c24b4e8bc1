import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Approvals, ApprovalsLog, Deliveries, Door } from '../../src/approvals/index.js';
import { createDeliveries } from '../../src/approvals/index.js';
import type { Store } from '../../src/store/index.js';
import { type LocalServer, localServer } from '../identity/issuer.js';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that keeps what it is sent, and does with it what a test says. */
export interface Receiver extends LocalServer {
  readonly received: Received[];
  answer: (response: ServerResponse, received: Received) => void;
}

const closers: (() => Promise<unknown>)[] = [];

/** Closed after the test. */
export async function receiver(): Promise<Receiver> {
  const server = await localServer();
  const made: Receiver = Object.assign(server, {
    received: [] as Received[],
    answer: (response: ServerResponse) => void response.writeHead(204).end(),
  });
  server.handler = async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    const { url = '', headers } = request;
    const received = { path: url, headers, body: Buffer.concat(chunks).toString() };
    made.received.push(received);
    made.answer(response, received);
  };
  closers.push(() => server.close());
  return made;
}

/** A file of one line, in a folder of its own, until the test is over. */
export function scratchFile(line: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'regate-doors-'));
  closers.push(async () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, `${line}\n`);
  return path;
}

/** A clock that moves when a test says so. It begins now, since the store notes happenings by the real one. */
export class Clock {
  at = Date.now();
  readonly now = () => this.at;
  readonly date = () => new Date(this.at);
  pass(seconds: number): void {
    this.at += seconds * 1000;
  }
}

/** A log that keeps its lines. */
export function keptLog(): ApprovalsLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string, about: object) => void lines.push(`${message} ${JSON.stringify(about)}`);
  return { lines, warn: keep, error: keep };
}

/** Deliveries that look all the time, closed after the test. They have begun: what happens now is told. */
export async function delivering(
  store: Store,
  approvals: Approvals,
  doors: readonly Door[],
  { clock = new Clock(), log = keptLog() } = {},
): Promise<Deliveries> {
  const now = clock.now;
  for (const { id, happenings } of doors)
    await store.deliveries.prepare(id, { happenings, now: now(), since: now() - 86_400_000, most: 100 });
  const made = createDeliveries({
    store: store.deliveries,
    doors,
    approvals,
    log,
    now,
    lookEveryMilliseconds: 10,
  });
  closers.unshift(() => made.close());
  made.start();
  return made;
}

/** Standard Webhooks' signature, made once more. */
export function standardSignature(key: Buffer, { headers, body }: Received): string {
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

/** Closes what this file made, deliveries first. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}
