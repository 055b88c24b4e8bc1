import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { buildBundle, generateSigningKey, readBundleDefinition } from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { ROOT } from '../architecture/law.js';
import { type Running, regate, startRegate } from '../command.js';
import {
  type LocalServer,
  localServer,
  publishIssuer,
  type SigningKey,
  signingKey,
} from '../identity/issuer.js';
import { secret } from '../output/secret.js';

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A gateway as a process of its own, with the starter policy, an issuer, an upstream and a plain file server for bundles. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'regate-installation-'));
  readonly configuration = join(this.directory, 'regate.yaml');
  readonly issuer: LocalServer;
  readonly upstream: LocalServer;
  readonly bundles: LocalServer;
  readonly url: string;
  readonly archive: Buffer;
  readonly #key: SigningKey;
  readonly #started: Running[] = [];

  private constructor(made: {
    issuer: LocalServer;
    upstream: LocalServer;
    bundles: LocalServer;
    key: SigningKey;
    port: number;
    archive: Buffer;
  }) {
    this.issuer = made.issuer;
    this.upstream = made.upstream;
    this.bundles = made.bundles;
    this.#key = made.key;
    this.archive = made.archive;
    this.url = `http://127.0.0.1:${made.port}`;
  }

  static async create(): Promise<Installation> {
    const [issuer, upstream, bundles, key, port] = await Promise.all([
      localServer(),
      localServer(),
      localServer(),
      signingKey('ES256', 'k1'),
      freePort(),
    ]);
    const { archive, publicKeyPem, id } = await starterBundle();
    const made = new Installation({ issuer, upstream, bundles, key, port, archive });
    publishIssuer(issuer, [key]);
    made.serveBundle();
    upstream.handler = (_request, response) => void response.writeHead(500).end();
    writeFileSync(join(made.directory, 'bundle.pub.pem'), publicKeyPem);
    writeFileSync(join(made.directory, 'upstream.key'), secret('header', randomBytes(16).toString('hex')));
    const configuration = {
      state_directory: 'state',
      log: { level: 'info', format: 'json' },
      identity: { issuers: [{ issuer: issuer.url, audiences: ['gateway'] }] },
      gateway: {
        listen: { host: '127.0.0.1', port },
        upstreams: [
          { name: 'backoffice', url: `${upstream.url}/mcp`, headers: { 'X-Api-Key': 'file:upstream.key' } },
        ],
        bundle: {
          name: 'starter',
          url: `${bundles.url}/starter.tar.gz`,
          poll: { min_delay_seconds: 0.2, max_delay_seconds: 0.4 },
          keys: [{ id, algorithm: 'ES256', public_key: 'file:bundle.pub.pem' }],
        },
      },
    };
    writeFileSync(made.configuration, stringify(configuration));
    return made;
  }

  /** The bundle server is a plain file server: it knows no ETag and no long polling. */
  serveBundle(archive: Buffer = this.archive): void {
    this.bundles.handler = (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'application/gzip' }).end(archive);
  }

  /** Starts the gateway's process, and waits until it answers on its health check. */
  async start(): Promise<void> {
    this.#started.push(startRegate(['serve', '--config', this.configuration]));
    await this.until(async () => (await fetch(`${this.url}/healthz`)).ok);
  }

  /** Everything that the gateway has written so far, in all its processes. */
  get output(): string {
    return this.#started.map(({ output }) => output()).join('');
  }

  /** The gateway's process. */
  get pid(): number {
    const pid = this.#started.at(-1)?.process.pid;
    if (pid === undefined) throw new Error('the gateway does not run');
    return pid;
  }

  async ready(): Promise<void> {
    await this.until(async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  /** `kill -9`, at once. */
  async kill(): Promise<void> {
    await this.#started.at(-1)?.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#started.at(-1)?.end('SIGTERM');
    await Promise.all([this.issuer.close(), this.upstream.close(), this.bundles.close()]);
  }

  /** Waits until something holds that throws or is false before. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await holds().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`waited in vain; the gateway wrote:\n${this.output}`);
      if (this.#started.at(-1)?.process.exitCode) throw new Error(`the gateway ended:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  token(subject: string, groups: string[]): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ client_id: subject, groups, sub: subject })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(this.issuer.url)
      .setAudience('gateway')
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(this.#key.privateKey);
  }

  async call(name: string, args: object, meta?: object): Promise<Answer> {
    const params = { name, arguments: args, ...(meta !== undefined && { _meta: meta }) };
    const response = await fetch(`${this.url}/mcp/backoffice`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await this.token('agent', ['support-agents'])}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    const body = (await response.json()) as Omit<Answer, 'decisionId'>;
    return { ...body, decisionId: response.headers.get('Regate-Decision-Id') ?? '' };
  }

  async approve(id: string): Promise<number> {
    const token = await this.token('alice', ['payments-oncall']);
    const response = await fetch(`${this.url}/api/approvals/${id}/approve`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
    return response.status;
  }

  /** The whole audit, read from its file by a process of its own. */
  async audit(): Promise<{ sequence: number; event: Record<string, unknown> }[]> {
    const { status, stdout, stderr } = await regate(
      'audit',
      'tail',
      '--config',
      this.configuration,
      '--lines',
      '1000000',
      '--json',
    );
    if (status !== 0) throw new Error(stderr);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: number; event: Record<string, unknown> });
  }
}

/** A JSON-RPC answer, and the decision that the caller was told it came from. */
export interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: { readonly approval?: { readonly id: string; readonly state?: string } };
  };
  readonly decisionId: string;
}

async function starterBundle(): Promise<{ archive: Buffer; publicKeyPem: string; id: string }> {
  const { readFile } = await import('node:fs/promises');
  const key = generateSigningKey('ES256');
  const outFile = join(mkdtempSync(join(tmpdir(), 'regate-starter-')), 'starter.tar.gz');
  const definition = await readBundleDefinition(ROOT, 'starter');
  const signing = { id: key.id, algorithm: 'ES256', privateKeyPem: key.privateKeyPem } as const;
  const request = { definition, root: ROOT, revision: 'test', signingKey: signing, outFile };
  await buildBundle({ ...request, evaluate: inGatewayEngine });
  return { archive: await readFile(outFile), publicKeyPem: key.publicKeyPem, id: key.id };
}
