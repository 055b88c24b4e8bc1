import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { AuditReceipt, Identified, Permit, type Principal } from '../../src/domain/index.js';
import {
  type CredentialOptions,
  createHttpUpstream,
  type HttpUpstreamOptions,
  type Upstream,
  type UpstreamError,
} from '../../src/upstream/index.js';
import { secret } from '../output/secret.js';

/** A request as a server got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server that keeps what it got. */
export class Recorder {
  readonly seen: Seen[] = [];
  answer: (seen: Seen, response: ServerResponse) => void | Promise<void>;
  readonly #server: Server;

  private constructor(answer: Recorder['answer']) {
    this.answer = answer;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks) };
      this.seen.push(seen);
      await this.answer(seen, response);
    });
  }

  static async start(answer: Recorder['answer'] = result): Promise<Recorder> {
    const recorder = new Recorder(answer);
    await once(recorder.#server.listen(0, '127.0.0.1'), 'listening');
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What came in `Authorization`, in order. */
  get authorizations(): readonly (string | undefined)[] {
    return this.seen.map(({ headers }) => headers.authorization);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export function result(_seen: Seen, response: ServerResponse): void {
  json(response, 200, { jsonrpc: '2.0', id: 1, result: { content: [] } });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}

/** A token endpoint's answer. */
export function issued(token: string, more: object = {}): object {
  return { access_token: token, token_type: 'Bearer', expires_in: 100, ...more };
}

/** The road to a server with a credential, and what it logged. */
export function provenRoad(
  server: Recorder,
  credential: CredentialOptions,
  more: Partial<HttpUpstreamOptions> = {},
): { readonly road: Upstream; readonly log: string[] } {
  const log: string[] = [];
  const write = (message: string, details: object) => log.push(`${message} ${JSON.stringify(details)}`);
  const road = createHttpUpstream({
    name: 'guarded',
    url: `${server.url}/mcp`,
    headers: { 'X-Own': 'own' },
    timeoutMilliseconds: 5_000,
    credential,
    log: { debug: write, info: write, warn: write },
    ...more,
  });
  return { road, log };
}

/** The token that every caller of {@link permitFor} came with, unless it is said otherwise. */
export const CALLERS_TOKEN = secret('token', 'callers.own.token');

/** A permit for one message of one caller. */
export function permitFor(
  { token = CALLERS_TOKEN, id = 'issuer|job', expiresAt = Date.now() / 1000 + 300 } = {},
  body = '{"jsonrpc":"2.0","id":1,"method":"ping"}',
): Permit {
  const arrival = {
    exchangeId: 'e',
    upstream: { name: 'guarded', labels: {} },
    method: 'POST' as const,
    headers: { authorization: `Bearer ${token}` },
  };
  const principal = { id, client_id: 'job', claims: { exp: expiresAt } } as unknown as Principal;
  const session = { id: 's', protocol_version: '2025-06-18', client: { name: 'c', version: '1' } };
  return Permit.forRefusal(
    new Identified(arrival, principal),
    session,
    Buffer.from(body),
    new AuditReceipt(1),
  );
}

/** Sends one message and reads the answer; the status. */
export async function send(road: Upstream, permit: Permit = permitFor()): Promise<number> {
  const { status, body } = await road.forward(permit, new AbortController().signal);
  for await (const _ of body);
  return status;
}

/** Sends one message that must fail. */
export async function failure(road: Upstream, permit: Permit = permitFor()): Promise<UpstreamError> {
  return send(road, permit).then(
    (status) => {
      throw new Error(`it was sent, and answered with ${status}`);
    },
    (thrown: UpstreamError) => thrown,
  );
}

/** All that an error shows, its causes and hidden members included. */
export function shown(error: unknown): string {
  return inspect(error, { depth: null, showHidden: true, maxStringLength: null });
}

/** A folder of files that goes away at the end. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'regate-credentials-'));

  /** One that is named for a secret holds one, which must show nowhere. */
  file(name: string, contents: string | Buffer): string {
    if (name === 'secret') secret('client secret', contents.toString());
    const path = join(this.path, name);
    writeFileSync(path, contents);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Tries until something holds; gives up after ten seconds. */
export async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('waited ten seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
