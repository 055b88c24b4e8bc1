import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactEncrypt, SignJWT } from 'jose';

interface Found {
  readonly what: string;
  readonly offset: number;
  readonly process: string;
  readonly test: string;
}
interface Searched {
  readonly files: number;
  readonly bytes: number;
  readonly secrets: readonly { kind: string; value: string }[];
  readonly found: readonly Found[];
  readonly canaries: ReadonlySet<string>;
}
/** What may be said although it looks like a secret. */
interface Allowed {
  readonly what: string;
  readonly said: RegExp;
  readonly why: string;
}

const { search } = await load<{ search(folder: string): Searched }>('search.mjs');
const { problemsOf } = await load<{
  problemsOf(searched: Searched, allowed: readonly Allowed[], whole: boolean): string[];
}>('suite.mjs');

function load<Exports>(name: string): Promise<Exports> {
  return import(new URL(name, import.meta.url).pathname);
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regate-search-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SAID = '\n\u001e by {"process":"main.js serve","test":"a.test.ts that it runs"}\n';
/** What is found in what a process said, and where, beginning with its own words. */
function foundIn(text: string, secrets: readonly object[] = []): [what: string, offset: number][] {
  writeFileSync(join(folder, 'secrets.jsonl'), secrets.map((one) => `${JSON.stringify(one)}\n`).join(''));
  writeFileSync(join(folder, '1-a.stderr'), `${SAID}${text}`);
  return search(folder).found.map(({ what, offset }) => [what, offset - SAID.length]);
}

const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const JWS = await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg: 'ES256' }).sign(KEYS.privateKey);
const JWE = await new CompactEncrypt(Buffer.from('a'))
  .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
  .encrypt(Buffer.alloc(32));
const grant = (typ: string) =>
  new SignJWT({}).setProtectedHeader({ alg: 'ES256', typ }).sign(KEYS.privateKey);
const SPACED = `${Buffer.from('{ "typ": "JWT",\n "alg": "ES256" }').toString('base64url')}.e30.c2ln`;
const PEM = String(KEYS.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const JWK = JSON.stringify(KEYS.privateKey.export({ format: 'jwk' }));
const OPAQUE = 'h7Jq-0tB_4.kd~9';

test.each([
  ['a signed token', `got ${JWS}\n`, 'a token', 4],
  ['one in JSON', JSON.stringify({ error: `no ${JWS}.` }), 'a token', 13],
  ['one on a new line of a JSON text', JSON.stringify(`a\n${JWS}`), 'a token', 4],
  ['one in an address', `/x?access%5Ftoken%3D${JWS}`, 'a token', 20],
  ['one right behind a name', `token_${JWS}`, 'a token', 6],
  ['one behind names with dots', `response.access_token.in.${JWS}`, 'a token', 25],
  ['one whose header has spaces', `"${SPACED}"`, 'a token', 1],
  ['one without a signature', `${JWS.split('.', 2).join('.')}.`, 'a token', 0],
  ['an encrypted token', JWE, 'a token', 0],
  ['a private key', PEM, 'a private key', 0],
  ['one in JSON', JSON.stringify({ key: PEM }), 'a private key', 8],
  ['one of an older form', String(RSA.export({ type: 'pkcs1', format: 'pem' })), 'a private key', 0],
  ['a private JSON Web Key', `key ${JWK}`, 'a private key', 4 + JWK.indexOf('"d"')],
  ['one in JSON in JSON', JSON.stringify(JSON.stringify({ a: JWK })), 'a private key', expect.any(Number)],
  ['a shared JSON Web Key', '{"k":"AAAAAAAAAAAAAAAAAAAA","kty":"oct"}', 'a private key', 1],
  ['a header', `Authorization: Bearer ${OPAQUE}`, 'a credential', 0],
  ['one of another scheme', `authorization: DPoP ${OPAQUE}`, 'a credential', 0],
  [
    'headers in JSON',
    JSON.stringify({ headers: { authorization: `Basic ${btoa('agent:pw')}` } }),
    'a credential',
    13,
  ],
  ['headers as Node has them', JSON.stringify(['Authorization', `Bearer ${OPAQUE}`]), 'a credential', 2],
  ['headers in a log line', String.raw`headers={\"authorization\":\"Bearer abcdef\"}`, 'a credential', 11],
  ['a credential without its header', `sent "Bearer ${OPAQUE}xyz"`, 'a credential', 6],
])('%s is found', (_what, text, what, offset) => {
  expect(foundIn(text)).toContainEqual([what, offset]);
});

test.each([
  ['a public key', String(KEYS.publicKey.export({ type: 'spki', format: 'pem' }))],
  ['a public JSON Web Key', JSON.stringify(KEYS.publicKey.export({ format: 'jwk' }))],
  ['a challenge', 'WWW-Authenticate: Bearer resource_metadata="https://gateway.example/x"'],
  ['a placeholder', 'curl -H "Authorization: Bearer $TOKEN" or Authorization: Bearer <token>'],
  ['names with dots', 'test/gateway/authorization.test.ts policies.payments.refunds regate.main.decision'],
  ['other JSON in base64url', `${Buffer.from('{"revision":"r1"}').toString('base64url')}.abc.def`],
  ['the grant of an approval', await grant('regate-grant')],
  ['the seal of a question', await grant('regate-question')],
  ['the first two parts of a token', JWS.split('.', 2).join('.')],
])('%s is none', (_what, text) => {
  expect(foundIn(text)).toEqual([]);
});

const SECRET = 'pass: "wörd" % +/?\\end';
test.each([
  ['as it is', SECRET],
  ['in JSON', JSON.stringify(SECRET)],
  ['in JSON in JSON', JSON.stringify(JSON.stringify([SECRET]))],
  ['in an address', encodeURIComponent(SECRET)],
  ['in a form', new URLSearchParams({ client_secret: SECRET }).toString()],
  ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ['in the credential of a client', Buffer.from(`gateway:${SECRET}`).toString('base64')],
  ['in that of another client', Buffer.from(`gateway-1:${SECRET}\n`).toString('base64')],
  [
    'in a third, as forms are',
    Buffer.from(`gateway-12:${new URLSearchParams([['', SECRET]])}`).toString('base64'),
  ],
])('a registered secret is found %s', (_how, text) => {
  expect(foundIn(`… ${text} …`, [{ kind: 'token', value: SECRET }])).toContainEqual([
    'a registered secret (token)',
    expect.any(Number),
  ]);
});

test('all are found, to the last byte, and none in another or before its end', () => {
  const secrets = ['same-beginning-1', 'same-beginning-2'].map((value) => ({ kind: 'token', value }));
  const text = 'same-beginning-1 same-beginning-3 same-beginning-2 same-beginning-';
  const what = 'a registered secret (token)';
  expect(foundIn(text, secrets)).toEqual([
    [what, 0],
    [what, 34],
  ]);
});

test('a long text without an end costs no more than its length', () => {
  const started = performance.now();
  const runs = [
    'A',
    'e',
    'ey',
    '"kty"',
    '"k":"AAAAAAAAAAAAAAAA"',
    'authorization',
    '-----BEGIN A',
    'Bearer a',
    '\\"',
    'a.',
  ];
  for (const run of runs) expect(foundIn(`${run.repeat(1_000_000 / run.length)}.a.b`)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe('the suite', () => {
  const ALL = ['stdout', 'stderr', 'sql', 'answers', 'child-stdout', 'child-stderr'];
  const OF_TESTS = ['log', 'sandbox-sql'];
  const KINDS = ['client secret', 'demo', 'environment', 'header', 'shared key', 'token'];
  const found: Found = { what: 'a token', offset: 9, process: 'main.js serve', test: 'a.test.ts b' };
  const clean: Searched = {
    files: 1,
    bytes: 1,
    secrets: KINDS.map((kind) => ({ kind, value: `a secret for ${kind}` })),
    found: [],
    canaries: new Set([...ALL, ...OF_TESTS]),
  };

  test('passes where nothing is found but the canaries', () => {
    expect(problemsOf(clean, [], true)).toEqual([]);
  });

  test('names who said what and where, and nothing of it', () => {
    foundIn(`authorization: Bearer ${JWS}`);
    const problems = problemsOf({ ...clean, found: search(folder).found }, [], true);
    expect(problems[0]).toBe(
      `SECRET SAID  a token, by a.test.ts that it runs: main.js serve on stderr (1-a.stderr, byte ${SAID.length + 22})`,
    );
    expect(problems.join()).not.toContain(JWS.slice(0, 10));
  });

  test.each([...ALL, ...OF_TESTS])('fails where %s is not heard', (channel) => {
    const canaries = new Set([...clean.canaries].filter((name) => name !== channel));
    expect(problemsOf({ ...clean, canaries }, [], true)).toEqual([expect.stringContaining(channel)]);
  });

  test.each(KINDS)('fails where no secret of the kind "%s" was registered', (kind) => {
    const secrets = clean.secrets.filter((one) => one.kind !== kind);
    expect(problemsOf({ ...clean, secrets }, [], true)).toEqual([expect.stringContaining(kind)]);
  });

  test('of a part of the tests asks for what every process says only', () => {
    expect(problemsOf({ ...clean, secrets: [], canaries: new Set(ALL) }, [], false)).toEqual([]);
    expect(problemsOf({ ...clean, canaries: new Set(OF_TESTS) }, [], false)).toHaveLength(ALL.length);
  });

  test('lets pass what is allowed, and nothing else; what needs no permission any more fails', () => {
    const allowed = { what: 'a token', said: /^a\.test\.ts .*main\.js serve/, why: 'it must' };
    expect(problemsOf({ ...clean, found: [found] }, [allowed], true)).toEqual([]);
    expect(
      problemsOf({ ...clean, found: [{ ...found, process: 'main.js eval' }] }, [allowed], false),
    ).toHaveLength(1);
    expect(
      problemsOf({ ...clean, found: [{ ...found, what: 'a private key' }] }, [allowed], false),
    ).toHaveLength(1);
    expect(problemsOf(clean, [allowed], true)).toEqual([expect.stringContaining('it must')]);
    expect(problemsOf(clean, [allowed], false)).toEqual([]);
  });
});
