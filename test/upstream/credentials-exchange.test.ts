import { jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { CredentialOptions, Upstream } from '../../src/upstream/index.js';
import { call, errorOf, Harness } from '../gateway/harness.js';
import {
  CALLERS_TOKEN,
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

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

let server: Recorder;
let tokens: Recorder;
let folder: Folder;
let road: Upstream;

/** An answer of RFC 8693, section 2.2.1. */
const exchanged = (token: string, more: object = {}) =>
  issued(token, { issued_token_type: ACCESS_TOKEN, ...more });

beforeEach(async () => {
  server = await Recorder.start();
  let count = 0;
  tokens = await Recorder.start((_seen, response) => json(response, 200, exchanged(`exchanged-${++count}`)));
  folder = new Folder();
  use();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await road.close();
  await server.close();
  await tokens.close();
  folder.remove();
});

function use(more: object = {}): void {
  const options = {
    kind: 'token_exchange',
    server: { tokenEndpoint: `${tokens.url}/token` },
    client: { clientId: 'gateway', secretFile: folder.file('secret', 'gateway-s3cret') },
    subjectTokenType: 'access_token',
    ...more,
  } as CredentialOptions;
  ({ road } = provenRoad(server, options));
}

const forms = () => tokens.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));

test("a caller's token goes to the authorization server, and what that gives for it to the upstream", async () => {
  await road.close();
  use({ audience: 'tickets', scope: 'a b', resource: 'https://t.example/mcp', subjectTokenType: 'jwt' });
  expect(await send(road)).toBe(200);
  expect(forms()).toEqual([
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: CALLERS_TOKEN,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'tickets',
      scope: 'a b',
      resource: 'https://t.example/mcp',
    },
  ]);
  expect(tokens.seen[0]?.headers.authorization).toBe(`Basic ${btoa('gateway:gateway-s3cret')}`);
  expect(server.authorizations).toEqual(['Bearer exchanged-1']);
  expect(JSON.stringify(server.seen)).not.toContain(CALLERS_TOKEN);
});

test('each caller has a token of its own, asked for once, and another for another token of the same caller', async () => {
  const [one, other, renewed] = [
    permitFor(),
    permitFor({ token: 'b', id: 'issuer|b' }),
    permitFor({ token: 'c' }),
  ];
  await Promise.all(Array.from({ length: 10 }, () => send(road, one)));
  await send(road, other);
  await send(road, renewed);
  await send(road, one);
  expect(forms().map(({ subject_token }) => subject_token)).toEqual([CALLERS_TOKEN, 'b', 'c']);
  expect(server.authorizations.slice(-3)).toEqual([
    'Bearer exchanged-2',
    'Bearer exchanged-3',
    'Bearer exchanged-1',
  ]);
});

test('the same token under another principal is another caller', async () => {
  await send(road, permitFor());
  await send(road, permitFor({ id: 'issuer|other' }));
  expect(tokens.seen).toHaveLength(2);
});

test("a token is used no longer than the caller's own lives", async () => {
  const now = Date.now();
  const permit = permitFor({ expiresAt: now / 1000 + 20 }); // the exchanged one lives for 100 s
  await send(road, permit);
  jest.spyOn(Date, 'now').mockReturnValue(now + 10_000);
  await send(road, permit);
  expect(tokens.seen).toHaveLength(1);
  jest.spyOn(Date, 'now').mockReturnValue(now + 21_000);
  await send(road, permit);
  expect(tokens.seen).toHaveLength(2);
});

test('of many callers, the one that was not seen for longest is exchanged again', async () => {
  await send(road, permitFor({ token: 'first' }));
  for (let batch = 0; batch < 20; batch += 1) {
    const some = Array.from({ length: 50 }, (_, at) => permitFor({ token: `t${batch}-${at}` }));
    await Promise.all(some.map((permit) => send(road, permit)));
  }
  await send(road, permitFor({ token: 't19-49' }));
  expect(tokens.seen).toHaveLength(1_001);
  await send(road, permitFor({ token: 'first' }));
  expect(tokens.seen).toHaveLength(1_002);
});

test("a refused token is exchanged again, and another caller's stays", async () => {
  const other = permitFor({ token: 'b' });
  await send(road);
  await send(road, other);
  server.answer = (seen, response) =>
    seen.headers.authorization === 'Bearer exchanged-1' ? json(response, 401, {}) : result(seen, response);
  expect(await send(road)).toBe(200);
  expect(await send(road, other)).toBe(200);
  expect(server.authorizations.slice(-2)).toEqual(['Bearer exchanged-3', 'Bearer exchanged-2']);
});

test.each([
  ['refuses', 400, { error: 'invalid_grant', error_description: CALLERS_TOKEN }],
  [
    'gives a refresh token',
    200,
    exchanged('t', { issued_token_type: ACCESS_TOKEN.replace('access', 'refresh') }),
  ],
  ['does not say what it gives', 200, issued('t')],
])('nothing is sent where the authorization server %s', async (_what, status, body) => {
  tokens.answer = (_seen, response) => json(response, status, body);
  const error = await failure(road);
  expect(error).toMatchObject({ code: 'upstream_credential' });
  expect(shown(error)).not.toContain(CALLERS_TOKEN);
  expect(server.seen).toEqual([]);
});

describe('in a gateway', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await Harness.start({ road });
  });

  afterEach(() => harness.close());

  test('the token that was verified is the one that is exchanged, and the audit and the log have none of it', async () => {
    const token = await harness.token();
    const answer = await harness.post(call('echo'), { Authorization: `bearer   ${token}` });
    expect(answer.status).toBe(200);
    expect(forms().map(({ subject_token }) => subject_token)).toEqual([token]);
    expect(decodeJwt(token).exp).toBeGreaterThan(0);

    tokens.answer = (seen, response) =>
      json(response, 400, { error: 'invalid_grant', said: seen.body.toString() });
    const other = await harness.token({ sub: 'other' });
    const refused = await harness.post(call('echo'), { Authorization: `Bearer ${other}` });
    expect(refused.status).toBe(502);
    expect(await errorOf(refused)).toMatchObject({
      code: -32603,
      message: 'the gateway has no credential for the upstream guarded',
    });
    const events = await harness.events();
    expect(events.at(-1)).toMatchObject({
      type: 'refusal',
      code: 'upstream_credential',
      message: expect.stringContaining('answered with status 400 and invalid_grant'),
    });
    const everything = JSON.stringify(events) + harness.log.join();
    for (const secret of [token, other, 'gateway-s3cret', 'exchanged-1'])
      expect(everything).not.toContain(secret);
  });
});
