import { jest } from '@jest/globals';
import { type CredentialOptions, createSseUpstream, type Upstream } from '../../src/upstream/index.js';
import { Caller } from './caller.js';
import {
  eventually,
  Folder,
  failure,
  issued,
  json,
  permitFor,
  provenRoad,
  Recorder,
  result,
  send,
  shown,
} from './credentials.js';

const SECRET = 'the-gateways-own-s3cret';
const RESOURCE = 'https://tools.example/mcp';

let server: Recorder;
let tokens: Recorder;
let folder: Folder;
let secretFile: string;
let road: Upstream;
let log: string[];

beforeEach(async () => {
  server = await Recorder.start();
  let count = 0;
  tokens = await Recorder.start((_seen, response) => json(response, 200, issued(`token-${++count}`)));
  folder = new Folder();
  secretFile = folder.file('secret', `${SECRET}\n`);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await road.close();
  await server.close();
  await tokens.close();
  folder.remove();
});

function use(credential: Partial<CredentialOptions> = {}, timeoutMilliseconds = 5_000): void {
  const options = {
    kind: 'client_credentials',
    server: { tokenEndpoint: `${tokens.url}/token` },
    client: { clientId: 'gate way', secretFile },
    ...credential,
  } as CredentialOptions;
  ({ road, log } = provenRoad(server, options, { timeoutMilliseconds }));
}

/** Moves the clock, and leaves timers alone. */
function later(seconds: number): void {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + seconds * 1000);
}

const many = (count: number, one: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, one));

test('what is asked for is what is configured, and a name with a space is written as RFC 6749 wants it', async () => {
  use({ scope: 'a b', resource: RESOURCE } as Partial<CredentialOptions>);
  await send(road);
  const [asked] = tokens.seen;
  expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
    grant_type: 'client_credentials',
    scope: 'a b',
    resource: RESOURCE,
  });
  expect(asked?.headers.authorization).toBe(`Basic ${btoa(`gate+way:${SECRET}`)}`);
  expect(server.authorizations).toEqual(['Bearer token-1']);
});

test('a token is renewed before it expires, while the old one is still used', async () => {
  use();
  await send(road);
  later(79);
  await send(road);
  expect(tokens.seen).toHaveLength(1);
  later(2);
  await many(10, () => send(road));
  await eventually(() => tokens.seen.length === 2);
  await eventually(
    async () => (await send(road)) === 200 && server.authorizations.at(-1) === 'Bearer token-2',
  );
  expect(new Set(server.authorizations)).toEqual(new Set(['Bearer token-1', 'Bearer token-2']));
  expect(tokens.seen).toHaveLength(2);
});

test('a token that cannot be renewed is used as long as it is good and no longer', async () => {
  use();
  await send(road);
  tokens.answer = (_seen, response) =>
    json(response, 503, { error: 'temporarily_unavailable', secret: SECRET });
  later(85);
  expect(await send(road)).toBe(200);
  await eventually(() => log.length === 1);
  expect(log[0]).toContain('status 503 and temporarily_unavailable');
  expect(log.join()).not.toMatch(/token-1|s3cret/);
  later(15);
  const sent = server.seen.length;
  expect(await failure(road)).toMatchObject({ code: 'upstream_credential' });
  expect(server.seen).toHaveLength(sent);
});

test('a failure is the answer to all that wait, and is asked for again a second later', async () => {
  tokens.answer = (_seen, response) => json(response, 500, '');
  use();
  const errors = await many(20, () => failure(road));
  errors.push(await failure(road));
  expect(new Set(errors.map((error) => (error as Error).message)).size).toBe(1);
  expect(tokens.seen).toHaveLength(1);
  tokens.answer = (_seen, response) => json(response, 200, issued('good'));
  later(1);
  expect(await send(road)).toBe(200);
});

test('a token that the upstream refuses is given up, and the request is sent once more with another', async () => {
  use();
  await send(road);
  server.answer = (seen, response) =>
    seen.headers.authorization === 'Bearer token-1' ? json(response, 401, {}) : result(seen, response);
  expect(await many(10, () => send(road, permitFor({}, '{"a":1}')))).toEqual(Array(10).fill(200));
  expect(tokens.seen).toHaveLength(2);
  expect(server.seen.filter(({ body }) => body.toString() === '{"a":1}')).toHaveLength(20);
});

test('an upstream that refuses each token gets no third try, and the authorization server no storm', async () => {
  server.answer = (_seen, response) => json(response, 401, {});
  use();
  expect(await failure(road)).toMatchObject({ code: 'upstream_credential' });
  expect(server.authorizations).toEqual(['Bearer token-1', 'Bearer token-2']);
  for (let call = 0; call < 5; call += 1) await failure(road);
  expect(server.seen).toHaveLength(7);
  expect(tokens.seen).toHaveLength(2);
  later(11);
  await failure(road);
  expect(tokens.seen).toHaveLength(3);
});

test.each([
  ['redirects', 307, ''],
  ['refuses', 400, { error: 'invalid_client', error_description: SECRET }],
  ['repeats what it was sent', 400, { error: `bad ${SECRET}` }],
  ['sends no JSON', 200, `access_token ${SECRET}`],
  ['sends no token', 200, { token_type: 'Bearer', expires_in: 9, note: SECRET }],
  ['sends a token that would split the header', 200, issued(`a\r\nX-Own: ${SECRET}`)],
  ['sends a token of another type', 200, issued(SECRET, { token_type: 'mac' })],
  ['sends a token that has expired', 200, issued(SECRET, { expires_in: 0 })],
  ['sends an endless answer', 200, issued(SECRET.repeat(4_000))],
])('nothing is sent where the token endpoint %s', async (_what, status, body) => {
  const elsewhere = await Recorder.start((_seen, response) => json(response, 200, issued('stolen')));
  tokens.answer = (_seen, response) => {
    response.setHeader('Location', `${elsewhere.url}/token`);
    json(response, status, body);
  };
  use();
  const error = await failure(road);
  expect(error).toMatchObject({ code: 'upstream_credential' });
  expect(shown(error)).not.toContain(SECRET);
  expect(error.message).not.toContain(tokens.url); // the caller reads this
  expect(server.seen).toEqual([]);
  expect(elsewhere.seen).toEqual([]);
  await elsewhere.close();
});

test('a secret goes nowhere over plain http', async () => {
  use({ server: { tokenEndpoint: 'http://login.example/token' } } as Partial<CredentialOptions>);
  const error = await failure(road);
  expect((error.cause as Error).message).toContain('is neither https nor on this machine');
});

test.each([
  ['of another issuer', (url: string) => ({ issuer: `${url}/other`, token_endpoint: `${url}/token` })],
  [
    'with a token endpoint over plain http',
    (url: string) => ({ issuer: url, token_endpoint: 'http://a.example/' }),
  ],
  ['without a token endpoint', (url: string) => ({ issuer: url })],
])('metadata %s are not believed', async (_what, metadata) => {
  tokens.answer = (_seen, response) => json(response, 200, metadata(tokens.url));
  use({ server: { issuer: tokens.url } } as Partial<CredentialOptions>);
  expect(await failure(road)).toMatchObject({ code: 'upstream_credential' });
  expect(tokens.seen.map(({ method }) => method)).toEqual(['GET', 'GET']);
});

test.each(['', '-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n', 's3cret'])(
  'a file that holds no private key stops the request: %j',
  async (contents) => {
    use({
      client: { clientId: 'g', privateKeyFile: folder.file('k.pem', contents) },
    } as Partial<CredentialOptions>);
    const error = await failure(road);
    expect(error).toMatchObject({ code: 'upstream_credential' });
    expect(shown(error)).not.toContain('s3cret');
    expect(tokens.seen).toEqual([]);
  },
);

test('an authorization server that does not answer is a time-out, of the credential or of the call', async () => {
  tokens.answer = () => undefined;
  use({}, 100);
  expect(await failure(road)).toMatchObject({ code: 'upstream_timeout' });
  await road.close();
  // The ten seconds that an authorization server has are a twentieth of one here.
  const start = globalThis.setTimeout;
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation((work, milliseconds) => start(work, milliseconds === 10_000 ? 50 : milliseconds));
  use();
  expect(await failure(road)).toMatchObject({
    code: 'upstream_timeout',
    message: "the gateway's credential for the upstream guarded did not come in time",
  });
  expect(server.seen).toEqual([]);
});

test('a caller that leaves ends its own waiting only', async () => {
  let answer: (() => void) | undefined;
  tokens.answer = (_seen, response) => {
    answer = () => json(response, 200, issued('late'));
  };
  use();
  const caller = new AbortController();
  const leaving = road.forward(permitFor(), caller.signal).catch((thrown: unknown) => thrown);
  const staying = send(road);
  await eventually(() => answer !== undefined);
  caller.abort();
  expect(await leaving).toBeInstanceOf(Error);
  answer?.();
  expect(await staying).toBe(200);
  expect(tokens.seen).toHaveLength(1);
});

test('a road that closes ends what it asked for', async () => {
  tokens.answer = () => undefined;
  use();
  const failing = failure(road);
  await eventually(() => tokens.seen.length === 1);
  await road.close();
  expect(await failing).toMatchObject({ code: 'upstream_credential' });
});

describe('over the HTTP with server-sent events of the first revision', () => {
  test('the stream and each message have it, and a refused message goes once more', async () => {
    const accepted = new Set(['Bearer token-1']);
    let stream: { write(text: string): unknown } | undefined;
    server.answer = (seen, response) => {
      if (!accepted.has(seen.headers.authorization ?? '')) response.writeHead(401).end();
      else if (seen.method === 'GET') {
        stream = response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        stream.write('event: endpoint\ndata: /post\n\n');
      } else {
        response.writeHead(202).end();
        const { id } = JSON.parse(seen.body.toString());
        if (id !== undefined)
          stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\n\n`);
      }
    };
    const nothing = () => undefined;
    road = createSseUpstream({
      name: 'legacy',
      url: `${server.url}/sse`,
      headers: {},
      timeoutMilliseconds: 2_000,
      idleMilliseconds: 60_000,
      maxSessions: 5,
      messageBytes: 100_000,
      log: { debug: nothing, info: nothing, warn: nothing },
      credential: {
        kind: 'client_credentials',
        server: { tokenEndpoint: `${tokens.url}/token` },
        client: { clientId: 'g', secretFile },
      },
    });
    const caller = await Caller.open(road);
    expect(server.seen.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['GET', 'Bearer token-1'],
      ['POST', 'Bearer token-1'],
      ['POST', 'Bearer token-1'],
    ]);
    accepted.clear();
    accepted.add('Bearer token-2');
    expect((await caller.post({ jsonrpc: '2.0', id: 7, method: 'ping' })).status).toBe(200);
    expect(server.authorizations.slice(-2)).toEqual(['Bearer token-1', 'Bearer token-2']);
    accepted.clear();
    await expect(caller.post({ jsonrpc: '2.0', id: 8, method: 'ping' })).rejects.toMatchObject({
      code: 'upstream_credential',
    });
    tokens.answer = (_seen, response) => json(response, 500, '');
    const other = await new Caller(road, 'issuer|other')
      .post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} })
      .catch((thrown: { code: string }) => thrown);
    expect(other).toMatchObject({ code: 'upstream_credential' });
  });
});
