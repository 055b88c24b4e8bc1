import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import express from 'express';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import {
  type CredentialOptions,
  createHttpUpstream,
  createSigner,
  createSseUpstream,
  type Signer,
  type Upstream,
} from '../../src/upstream/index.js';
import { call, Harness } from '../gateway/harness.js';
import { type LocalServer, localServer } from '../identity/issuer.js';
import { Folder, failure, json, provenRoad, Recorder, type Seen, send, shown } from './credentials.js';

const DAY = 86_400_000;
const AUDIENCE = 'https://payments.internal/mcp';
const JWT: CredentialOptions = {
  kind: 'signed_jwt',
  audience: AUDIENCE,
  lifetimeSeconds: 60,
  claims: { region: 'eu' },
};

interface Claims {
  readonly [name: string]: unknown;
  readonly regate: Readonly<Record<string, unknown>>;
}
/** What an upstream checks, as the documentation shows it. */
type Verify = (method: string, authorization: string | undefined, body: Buffer) => Promise<Claims>;

let folder: Folder;
/** The gateway's own address: where its keys are published. */
let gateway: LocalServer;
let signer: Signer;
let log: string[];

beforeEach(async () => {
  folder = new Folder();
  log = [];
  gateway = await localServer();
  signer = anotherSigner();
  gateway.handler = express().get('/.well-known/jwks.json', (request, response) =>
    signer.publish(request, response),
  );
});

afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.close();
  folder.remove();
});

const keysFolder = () => join(folder.path, 'state', 'upstream-keys');

function anotherSigner(): Signer {
  const write = (message: string, details: object) => log.push(`${message} ${JSON.stringify(details)}`);
  return createSigner({
    issuer: gateway.url,
    directory: keysFolder(),
    log: { debug: write, info: write, warn: write },
  });
}

async function published(): Promise<JSONWebKeySet> {
  return (await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
}

/** Runs the code of docs/upstream-credentials.md, for this gateway. */
async function documentedCheck(): Promise<Verify> {
  const page = readFileSync(new URL('../../docs/upstream-credentials.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const jose = pathToFileURL(createRequire(import.meta.url).resolve('jose')).href;
  const here = code.replace('https://mcp.example.com', gateway.url).replace("from 'jose'", `from '${jose}'`);
  const module = await import(pathToFileURL(folder.file('check.mjs', here)).href);
  return module.verify as Verify;
}

function roadTo(url: string): Upstream {
  return createHttpUpstream({
    name: 'tools',
    url,
    headers: {},
    timeoutMilliseconds: 5_000,
    credential: JWT,
    signer,
  });
}

function decoded(seen: Seen | undefined): Claims {
  return decodeJwt(seen?.headers.authorization?.slice('Bearer '.length) ?? '') as Claims;
}

describe('a real MCP server that checks as the documentation says', () => {
  let upstream: Recorder;
  let harness: Harness;
  let accepted: Claims[];

  beforeEach(async () => {
    const verify = await documentedCheck();
    accepted = [];
    upstream = await Recorder.start(async (seen, response) => {
      const claims = await verify(seen.method, seen.headers.authorization, seen.body).catch(() => undefined);
      if (claims === undefined) {
        json(response, 401, {});
        return;
      }
      accepted.push(claims);
      const server = new McpServer({ name: 'payments', version: '1' });
      server.registerTool('pay', { description: 'pays' }, () => ({
        content: [{ type: 'text', text: 'paid' }],
      }));
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      await server.connect(transport as Transport);
      if (seen.method === 'POST')
        await transport.handleRequest(response.req, response, JSON.parse(seen.body.toString()));
      else response.writeHead(405).end();
    });
    harness = await Harness.start({ road: roadTo(`${upstream.url}/mcp`) });
  });

  afterEach(async () => {
    await harness.close();
    await upstream.close();
  });

  test('it serves an official client through the gateway, and knows who calls and which decision let it', async () => {
    const client = new Client({ name: 'agent', version: '1' });
    const headers = { Authorization: `Bearer ${await harness.token()}` };
    const transport = new StreamableHTTPClientTransport(new URL(`${harness.url}/mcp/tools`), {
      requestInit: { headers },
    });
    await client.connect(transport as Transport);
    expect(await client.callTool({ name: 'pay', arguments: {} })).toMatchObject({
      content: [{ text: 'paid' }],
    });
    await client.close();

    const decision = (await harness.decisions()).find(
      ({ method, direction }) => method === 'tools/call' && direction === 'to_server',
    );
    const claims = accepted.find(({ regate }) => regate['decision_id'] === decision?.decision_id);
    expect(claims).toEqual({
      iss: gateway.url,
      aud: AUDIENCE,
      sub: decision?.principal?.id,
      client_id: 'job',
      act: { sub: gateway.url },
      iat: expect.any(Number),
      exp: Number(claims?.['iat']) + 60,
      jti: expect.any(String),
      htm: 'POST',
      body_sha256: decision?.message_digest.replace('sha256:', ''),
      region: 'eu',
      regate: {
        exchange_id: decision?.exchange_id,
        principal: decision?.principal?.id,
        decision_id: decision?.decision_id,
        bundle: decision?.revision.bundle,
        revision: decision?.revision.revision,
      },
    });
    expect(new Set(accepted.map(({ jti }) => jti)).size).toBe(accepted.length);
  });

  test('it refuses who gets around the gateway, and who changes what the gateway let pass', async () => {
    expect((await harness.post(call('pay'))).status).toBe(200);
    const token = upstream.authorizations[0] ?? '';
    const body = upstream.seen[0]?.body.toString() ?? '';
    const directly = (authorization: string | undefined, sent: string, method = 'POST') =>
      fetch(`${upstream.url}/mcp`, {
        method,
        headers: {
          Accept: 'application/json, text/event-stream',
          'Content-Type': 'application/json',
          ...(authorization !== undefined && { Authorization: authorization }),
        },
        body: sent,
      }).then(({ status }) => status);
    const foreign = createSigner({
      issuer: gateway.url,
      directory: join(folder.path, 'foreign'),
      log: { debug: () => 0, info: () => 0, warn: () => 0 },
    });
    const forged = `Bearer ${await foreign.sign(decodeJwt(token.slice('Bearer '.length)))}`;

    expect(await directly(token, body)).toBe(200); // within its minute, unless the server keeps each `jti`
    expect(await directly(undefined, body)).toBe(401);
    expect(await directly(token, body.replace('pay', 'drain'))).toBe(401);
    expect(await directly(token, body, 'PUT')).toBe(401);
    expect(await directly(forged, body)).toBe(401);
    expect(await directly(`Bearer ${await harness.token()}`, body)).toBe(401);
    expect(accepted).toHaveLength(2);
  });

  test('a message that policy masked has the digest of what was sent', async () => {
    const text = JSON.stringify({
      ...call('secretive', { card: '4111 1111 1111 1111' }),
    });
    await harness.post(text);
    expect(upstream.seen[0]?.body.toString()).not.toContain('4111 1111 1111 1111');
    expect(accepted).toHaveLength(1);
  });
});

test('the members of a batch are named in order, and each by its own where they go one by one', async () => {
  const upstream = await Recorder.start((seen, response) => {
    const answer = (id: unknown) => ({ jsonrpc: '2.0', id, result: {} });
    const message = JSON.parse(seen.body.toString() || 'null');
    json(response, 200, Array.isArray(message) ? message.map(({ id }) => answer(id)) : answer(message?.id));
  });
  const http = await Harness.start({ road: roadTo(`${upstream.url}/mcp`) });
  const batch = [
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { jsonrpc: '2.0', id: 2, method: 'tools/list' },
  ];
  await http.post(batch);
  const ids = (await http.decisions()).filter(({ direction }) => direction === 'to_server');
  expect(decoded(upstream.seen[0]).regate).toMatchObject({
    decision_ids: ids.map(({ decision_id }) => decision_id),
  });
  await http.close();
  await upstream.close();
});

test('over the HTTP with server-sent events, each member of a batch has its own decision and digest', async () => {
  let stream: { write(text: string): unknown } | undefined;
  const upstream = await Recorder.start((seen, response) => {
    if (seen.method === 'GET') {
      stream = response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      stream.write('event: endpoint\ndata: /post\n\n');
      return;
    }
    response.writeHead(202).end();
    const { id, method } = JSON.parse(seen.body.toString());
    const opened = {
      protocolVersion: '2025-03-26',
      capabilities: {},
      serverInfo: { name: 's', version: '1' },
    };
    const result = method === 'initialize' ? opened : {};
    if (id !== undefined) stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  });
  const nothing = () => undefined;
  const road = createSseUpstream({
    name: 'tools',
    url: `${upstream.url}/sse`,
    headers: {},
    timeoutMilliseconds: 2_000,
    idleMilliseconds: 60_000,
    maxSessions: 5,
    messageBytes: 100_000,
    log: { debug: nothing, info: nothing, warn: nothing },
    credential: JWT,
    signer,
  });
  const harness = await Harness.start({ road });
  const clientInfo = { name: 'c', version: '1' };
  const opened = await harness.post({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo },
  });
  const session = opened.headers.get('mcp-session-id') ?? '';
  const before = (await harness.decisions()).length;
  const sent = upstream.seen.length;
  await harness.post(
    [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2, method: 'ping' },
    ],
    { 'Mcp-Session-Id': session },
  );
  const decisions = (await harness.decisions())
    .slice(before)
    .filter(({ direction }) => direction === 'to_server');
  const claims = upstream.seen.slice(sent).map(decoded);
  expect(claims.map(({ regate }) => regate['decision_id'])).toEqual(
    decisions.map(({ decision_id }) => decision_id),
  );
  expect(claims.map(({ body_sha256 }) => `sha256:${body_sha256}`)).toEqual(
    decisions.map(({ message_digest }) => message_digest),
  );
  expect(decoded(upstream.seen[0])).toMatchObject({ htm: 'GET' });
  await harness.close();
  await upstream.close();
});

describe('the keys', () => {
  /** Verifies a token with what is published now. */
  async function verifies(token: string): Promise<boolean> {
    const keys = createLocalJWKSet(await published());
    return jwtVerify(token, keys, { currentDate: new Date() }).then(
      () => true,
      () => false,
    );
  }

  function at(time: number): void {
    jest.spyOn(Date, 'now').mockReturnValue(time);
  }

  const claims = { sub: 'caller' };
  const period = (number: number) => number * 30 * DAY;
  const kidOf = (token: string) => decodeProtectedHeader(token).kid;

  test('are for the gateway alone, and survive a restart', async () => {
    const token = await signer.sign(claims);
    const [file = ''] = readdirSync(keysFolder());
    expect(statSync(join(keysFolder(), file)).mode & 0o777).toBe(0o600);
    expect(statSync(keysFolder()).mode & 0o777).toBe(0o700);
    const before = await published();
    signer = anotherSigner();
    expect(await published()).toEqual(before);
    expect(await verifies(token)).toBe(true);
    expect(Object.keys(before.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  test('are one key where several gateways make it at once', async () => {
    const signers = Array.from({ length: 10 }, anotherSigner);
    const tokens = await Promise.all(signers.map((each) => each.sign(claims)));
    expect(new Set(tokens.map(kidOf)).size).toBe(1);
    expect(readdirSync(keysFolder())).toHaveLength(1);
  });

  test('follow one another: published a day before the first token, until the last one is over', async () => {
    at(period(700) + 5 * DAY);
    const first = await signer.sign(claims);
    expect((await published()).keys).toHaveLength(1);
    at(period(701) - DAY + 1);
    expect((await published()).keys).toHaveLength(2);
    expect(kidOf(await signer.sign(claims))).toBe(kidOf(first));
    at(period(701));
    const second = await signer.sign(claims);
    expect(kidOf(second)).not.toBe(kidOf(first));
    expect(await verifies(first)).toBe(true);
    expect(await verifies(second)).toBe(true);
    at(period(701) + 3_600_000);
    expect(await verifies(first)).toBe(true);
    at(period(701) + 3_900_001);
    expect(await verifies(first)).toBe(false);
    expect(await verifies(second)).toBe(true);
    at(period(702));
    await signer.sign(claims);
    expect(readdirSync(keysFolder()).sort()).toEqual(['701.pem', '702.pem']);
  });

  test('stop the request where they cannot be read, and are not published', async () => {
    await signer.sign(claims);
    const [file = ''] = readdirSync(keysFolder());
    writeFileSync(
      join(keysFolder(), file),
      '-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n',
    );
    signer = anotherSigner();
    const upstream = await Recorder.start();
    const { road } = provenRoad(upstream, JWT, { signer });
    const error = await failure(road);
    expect(error).toMatchObject({ code: 'upstream_credential' });
    expect(shown(error)).not.toContain('s3cret');
    expect(upstream.seen).toEqual([]);
    const answer = await fetch(`${gateway.url}/.well-known/jwks.json`);
    expect([answer.status, await answer.text()]).toEqual([503, '']);
    expect(log).toEqual([expect.stringContaining('holds no P-256 key; remove it')]);
    expect(log.join()).not.toContain('s3cret');
    await road.close();
    await upstream.close();
  });
});

test('a road that is to sign has something to sign with, or does not come to be', () => {
  expect(() => provenRoad({ url: 'http://127.0.0.1:1' } as Recorder, JWT)).toThrow(TypeError);
});

test('a signed token that is refused is not sent again', async () => {
  const upstream = await Recorder.start((_seen, response) => json(response, 401, {}));
  const { road } = provenRoad(upstream, JWT, { signer });
  expect(await failure(road)).toMatchObject({ code: 'upstream_credential' });
  expect(upstream.seen).toHaveLength(1);
  upstream.answer = (_seen, response) => json(response, 200, {});
  expect(await send(road)).toBe(200);
  await road.close();
  await upstream.close();
});
