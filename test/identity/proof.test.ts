import { randomBytes } from 'node:crypto';
import { refusalOf } from '../../src/gateway/refusal.js';
import {
  type Credential,
  createIdentifier,
  type DpopOptions,
  type Identifier,
  IdentityError,
  type IssuerOptions,
  provenBindings,
} from '../../src/identity/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { type LocalServer, localServer, publishIssuer, signingKey, until } from './issuer.js';
import { type ProofKey, type ProofRecipe, proofKey, proofOf } from './proof.js';
import { authorization, type TokenWorld } from './token.js';

const NOW = 1_800_000_000;
const URL = 'https://gateway.example/mcp/tools';
const CERTIFICATE = randomBytes(32).toString('base64url');
const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'];
const MAX_AGE_SECONDS = 60;
const TOLERANCE_SECONDS = 5;

let server: LocalServer;
let world: TokenWorld;
let store: Store;
let options: IssuerOptions;
let now = NOW;
/** Of one gateway, of another one on the same store, of one with nonces, of one that takes no proofs. */
let identifier: Identifier;
let neighbour: Identifier;
let withNonces: Identifier;
let withoutProofs: Identifier;
let key: ProofKey;
let stranger: ProofKey;
let edwards: ProofKey;
let rsa: ProofKey;
let weak: ProofKey;
let bitcoin: ProofKey;

beforeAll(async () => {
  server = await localServer();
  const es = await signingKey('ES256', 'es');
  publishIssuer(server, [es]);
  world = { issuer: server.url, audience: 'gateway', now: NOW, keys: { es } };
  options = {
    issuer: server.url,
    audiences: ['gateway'],
    algorithms: ['ES256'],
    maxTokenLifeSeconds: 3600,
    clockToleranceSeconds: TOLERANCE_SECONDS,
    claims: {},
  };
  store = await openStore(':memory:');
  [key, stranger, edwards, rsa, weak, bitcoin] = await Promise.all([
    proofKey(),
    proofKey(),
    proofKey('Ed25519'),
    proofKey(2048),
    proofKey(1024),
    proofKey('secp256k1'),
  ]);
  const dpop = { algorithms: ALGORITHMS, maxAgeSeconds: MAX_AGE_SECONDS, store: store.proofs };
  [identifier, neighbour, withNonces, withoutProofs] = await Promise.all([
    started(dpop),
    started(dpop),
    started({ ...dpop, nonceKey: await store.proofs.nonceKey() }),
    started(undefined),
  ]);
});

afterAll(async () => {
  for (const each of [identifier, neighbour, withNonces, withoutProofs]) each.close();
  await Promise.all([server.close(), store.close()]);
});

beforeEach(() => {
  now = NOW;
});

async function started(dpop: DpopOptions | undefined, isRevoked = () => false): Promise<Identifier> {
  const made = createIdentifier({
    issuers: [options],
    now: () => now * 1000,
    isRevoked,
    ...(dpop !== undefined && { dpop }),
  });
  made.start();
  await until(() => made.status().every(({ ready }) => ready));
  return made;
}

/** How a credential differs from a good one. */
interface Change {
  readonly proof?: ProofRecipe;
  readonly headers?: (proof: string) => string[];
  /** Who proves, and what the token names. */
  readonly prover?: () => ProofKey;
  readonly scheme?: string;
  readonly cnf?: unknown;
  readonly method?: string;
  readonly url?: string;
  readonly certificate?: string;
  readonly identifier?: () => Identifier;
}

/** The token is the same for all that are bound to the same: known from the second time on. */
function credentialWith(change: Change = {}): Credential {
  const prover = (change.prover ?? (() => key))();
  const cnf = 'cnf' in change ? change.cnf : { jkt: prover.thumbprint };
  const claims = cnf === undefined ? {} : { cnf };
  const scheme = change.scheme ?? 'DPoP';
  const value = authorization({ claims, authorization: `${scheme} {token}` }, world);
  const purpose = { token: value.slice(scheme.length + 1), method: 'POST', url: URL, now };
  const proof = proofOf(prover, purpose, change.proof);
  return {
    authorization: value,
    proof: {
      headers: (change.headers ?? ((one) => [one]))(proof),
      method: change.method ?? 'POST',
      url: change.url ?? URL,
    },
    ...(change.certificate !== undefined && { certificate: () => change.certificate }),
  };
}

async function refusedWith(credential: Credential, by: Identifier = identifier) {
  const thrown = await by.identify(credential).then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(IdentityError);
  return refusalOf(thrown);
}

const claims = (changed: Record<string, unknown>): Change => ({ proof: { claims: changed } });
const header = (changed: Record<string, unknown>): Change => ({ proof: { header: changed } });

const WRONG: readonly [name: string, change: Change, code: string, detail?: string][] = [
  ['no proof', { headers: () => [] }, 'proof_missing'],
  ['two proofs', { headers: (proof) => [proof, proof] }, 'proof_malformed', 'more than one'],
  ['two proofs in one header', { headers: (proof) => [`${proof}, ${proof}`] }, 'proof_malformed', 'no JWT'],
  ['an empty header', { headers: () => [''] }, 'proof_malformed', 'no JWT'],
  ['what is no JWT', { headers: () => ['proof'] }, 'proof_malformed', 'no JWT'],
  ['the token again', { headers: () => [authorization({}, world).slice(7)] }, 'proof_malformed', 'typ'],
  ['four parts', { proof: { text: (text) => `${text}.e30` } }, 'proof_malformed', 'no JWT'],
  ['padding', { proof: { text: (text) => `${text}=` } }, 'proof_malformed', 'no JWT'],
  ['spaces', { proof: { text: (text) => ` ${text}` } }, 'proof_malformed', 'no JWT'],
  ['a text of the same bytes', { proof: { text: otherText } }, 'proof_malformed', 'base64url'],
  ['a huge one', claims({ more: 'x'.repeat(9_000) }), 'proof_malformed', 'characters'],
  ['a claim that stands twice', { proof: { claimsText: twice('htm', '"GET"') } }, 'proof_malformed', 'twice'],
  [
    'a header that stands twice',
    { proof: { headerText: twice('alg', '"none"') } },
    'proof_malformed',
    'twice',
  ],
  ['claims that are a list', { proof: { claimsText: () => '[]' } }, 'proof_malformed', 'object'],
  ['claims that are no JSON', { proof: { claimsText: () => '{' } }, 'proof_malformed', 'JSON'],
  ['no typ', { proof: { without: ['typ'] } }, 'proof_malformed', 'typ'],
  ['the typ of a token', header({ typ: 'JWT' }), 'proof_malformed', 'typ'],
  ['the typ of an access token', header({ typ: 'at+jwt' }), 'proof_malformed', 'typ'],
  ['crit', header({ crit: ['exp'] }), 'proof_malformed', 'crit'],
  ['b64', header({ b64: false }), 'proof_malformed', 'b64'],
  ['zip', header({ zip: 'DEF' }), 'proof_malformed', 'zip'],
  ['alg none', { proof: { header: { alg: 'none' }, signer: 'nobody' } }, 'proof_algorithm_refused'],
  ['HS256', { proof: { header: { alg: 'HS256' }, signer: 'hmac' } }, 'proof_algorithm_refused'],
  ['an algorithm that is not configured', header({ alg: 'ES384' }), 'proof_algorithm_refused'],
  ['no algorithm', { proof: { without: ['alg'] } }, 'proof_algorithm_refused'],
  ['no key', { proof: { without: ['jwk'] } }, 'proof_key_refused'],
  ["a key's id only", { proof: { without: ['jwk'], header: { kid: 'es' } } }, 'proof_key_refused'],
  ["a key's address only", { proof: { without: ['jwk'], header: { jku: URL } } }, 'proof_key_refused'],
  ['a key that is text', header({ jwk: 'key' }), 'proof_key_refused'],
  [
    'a private key',
    { proof: { headerText: (text) => text.replace('"kty"', '"d":"AAAA","kty"') } },
    'proof_key_refused',
  ],
  ['a symmetric key', header({ jwk: { kty: 'oct', k: 'AAAA' } }), 'proof_key_refused'],
  ['a short RSA key', { prover: () => weak }, 'proof_key_refused', 'may be used'],
  ['a key on another curve', { prover: () => bitcoin }, 'proof_key_refused', 'may be used'],
  [
    'a key for encryption',
    { proof: { headerText: (text) => text.replace('"kty"', '"use":"enc","kty"') } },
    'proof_key_refused',
  ],
  [
    "another algorithm than its key's",
    { proof: { headerText: (text) => text.replace('"kty"', '"alg":"RS256","kty"') } },
    'proof_key_refused',
  ],
  [
    'an RSA key for ES256',
    { prover: () => rsa, proof: { header: { alg: 'ES256' } } },
    'proof_signature_invalid',
  ],
  [
    "a thief's own key",
    { prover: () => stranger, cnf: { jkt: 'A'.repeat(43) } },
    'proof_key_refused',
    'another key',
  ],
  ["a thief's signature", { proof: { signer: lazily(() => stranger) } }, 'proof_signature_invalid'],
  ['no signature', { proof: { signer: 'nobody' } }, 'proof_signature_invalid'],
  ['other claims than were signed', { proof: { text: otherClaims } }, 'proof_signature_invalid'],
  ['htm of another method', claims({ htm: 'GET' }), 'proof_misdirected', 'htm'],
  ['htm in lower case', claims({ htm: 'post' }), 'proof_misdirected', 'htm'],
  ['no htm', { proof: { without: ['htm'] } }, 'proof_misdirected', 'htm'],
  ['another host', claims({ htu: 'https://gateway.test/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['a longer host', claims({ htu: 'https://gateway.example.test/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['another path', claims({ htu: 'https://gateway.example/mcp/files' }), 'proof_misdirected', 'htu'],
  ['a longer path', claims({ htu: `${URL}/` }), 'proof_misdirected', 'htu'],
  ['a path in other case', claims({ htu: 'https://gateway.example/mcp/Tools' }), 'proof_misdirected', 'htu'],
  [
    'a slash that is escaped',
    claims({ htu: 'https://gateway.example/mcp%2Ftools' }),
    'proof_misdirected',
    'htu',
  ],
  ['another scheme', claims({ htu: 'http://gateway.example/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['another port', claims({ htu: 'https://gateway.example:8443/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['what the socket saw', claims({ htu: 'http://127.0.0.1:8700/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['a user', claims({ htu: 'https://me@gateway.example/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['backslashes', claims({ htu: 'https:\\\\gateway.example\\mcp\\tools' }), 'proof_misdirected', 'htu'],
  ['a line end', claims({ htu: 'https://gateway.example/mcp/to\nols' }), 'proof_misdirected', 'htu'],
  ['a path alone', claims({ htu: '/mcp/tools' }), 'proof_misdirected', 'htu'],
  ['several htu', claims({ htu: [URL] }), 'proof_misdirected', 'htu'],
  ['no htu', { proof: { without: ['htu'] } }, 'proof_misdirected', 'htu'],
  ['no ath', { proof: { without: ['ath'] } }, 'proof_misdirected', 'ath'],
  ['ath of another token', claims({ ath: CERTIFICATE }), 'proof_misdirected', 'ath'],
  ['an older iat', claims({ iat: NOW - MAX_AGE_SECONDS - TOLERANCE_SECONDS }), 'proof_outdated'],
  ['a later iat', claims({ iat: NOW + TOLERANCE_SECONDS + 1 }), 'proof_outdated'],
  ['no iat', { proof: { without: ['iat'] } }, 'proof_malformed', 'iat'],
  ['iat in text', claims({ iat: String(NOW) }), 'proof_malformed', 'iat'],
  ['no jti', { proof: { without: ['jti'] } }, 'proof_malformed', 'jti'],
  ['an empty jti', claims({ jti: '' }), 'proof_malformed', 'jti'],
  ['a jti that is a number', claims({ jti: 1 }), 'proof_malformed', 'jti'],
  ['a long jti', claims({ jti: 'x'.repeat(257) }), 'proof_malformed', 'jti'],
  ['a bound token as Bearer', { scheme: 'Bearer' }, 'binding_unproven', 'was not proven'],
  ['a bound token as Bearer, without proof', { scheme: 'Bearer', headers: () => [] }, 'binding_unproven'],
  ['a token that is bound to nothing', { cnf: undefined }, 'binding_unproven', 'bound to no key'],
  [
    'a token that is bound to a certificate',
    { cnf: { 'x5t#S256': CERTIFICATE }, certificate: CERTIFICATE },
    'binding_unproven',
    'bound to no key',
  ],
  ['a binding that nobody knows', { cnf: { kid: 'es' } }, 'binding_unproven', 'cannot be proven here'],
  [
    'a binding that is a key',
    { cnf: { jwk: { kty: 'oct', k: 'AAAA' } } },
    'binding_unproven',
    'cannot be proven here',
  ],
  ['a binding that is no object', { cnf: 'jkt' }, 'binding_unproven', 'cannot be proven here'],
  ['a binding to nothing', { cnf: {} }, 'binding_unproven', 'cannot be proven here'],
  ['a thumbprint that is none', { cnf: { jkt: 'short' } }, 'binding_unproven', 'cannot be proven here'],
  [
    'the key without the certificate',
    { cnf: lazyBoth(), headers: (proof) => [proof] },
    'binding_unproven',
    'no certificate',
  ],
  [
    'the key with another certificate',
    { cnf: lazyBoth(), certificate: 'A'.repeat(43) },
    'binding_unproven',
    'another one',
  ],
  [
    'the certificate without the key',
    { cnf: lazyBoth(), certificate: CERTIFICATE, headers: () => [] },
    'proof_missing',
  ],
  [
    'a gateway that takes no proofs',
    { identifier: () => withoutProofs },
    'binding_unproven',
    'no proofs are taken',
  ],
];

/** What is known only when the keys are there. */
function lazyBoth(): unknown {
  return {
    toJSON: () => ({ jkt: key.thumbprint, 'x5t#S256': CERTIFICATE }),
  };
}

function lazily(find: () => ProofKey): ProofKey {
  return {
    get privateKey() {
      return find().privateKey;
    },
    get jwk() {
      return find().jwk;
    },
    get thumbprint() {
      return find().thumbprint;
    },
  };
}

function twice(name: string, value: string) {
  return (text: string) => `{"${name}":${value},${text.slice(1)}`;
}

/** The last character of a signature of 64 bytes has four bits of no byte. */
function otherText(proof: string): string {
  return proof.slice(0, -1) + String.fromCharCode(proof.charCodeAt(proof.length - 1) + 1);
}

function otherClaims(proof: string): string {
  const [head = '', text = '', signature = ''] = proof.split('.');
  const changed = { ...JSON.parse(Buffer.from(text, 'base64url').toString()), jti: 'another' };
  return [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
}

const CHALLENGE_ERRORS: Record<string, string> = { binding_unproven: 'invalid_token' };

test.each(WRONG)('refuses: %s', async (_name, change, code, ...[detail]) => {
  // Twice: the token is known then, and what it is bound to is not believed for that.
  for (const _ of [1, 2]) {
    const refusal = await refusedWith(credentialWith(change), (change.identifier ?? (() => identifier))());
    expect(refusal).toMatchObject({
      httpStatus: 401,
      code,
      challengeError: CHALLENGE_ERRORS[code] ?? 'invalid_dpop_proof',
      message: code === 'binding_unproven' ? 'the access token is not valid' : 'the DPoP proof is not valid',
      data: {},
    });
    expect(refusal.detail).toContain(detail ?? '');
  }
});

const RIGHT: readonly [name: string, change: Change][] = [
  ['as it should be', {}],
  ['an Ed25519 key', { prover: () => edwards }],
  ['an RSA key', { prover: () => rsa }],
  ['the default port', claims({ htu: 'https://gateway.example:443/mcp/tools' })],
  ['scheme and host in other case', claims({ htu: 'HTTPS://Gateway.EXAMPLE/mcp/tools' })],
  ['escapes of what needs none', claims({ htu: 'https://gateway.example/mcp/%74ool%73' })],
  [
    'escapes in other case',
    { ...claims({ htu: 'https://gateway.example/mcp/%c3%a9' }), url: 'https://gateway.example/mcp/%C3%A9' },
  ],
  ['dot segments', claims({ htu: 'https://gateway.example/x/../mcp/./tools' })],
  ['a query and a fragment', claims({ htu: `${URL}?session=1#top` })],
  ['the oldest iat', claims({ iat: NOW - MAX_AGE_SECONDS - TOLERANCE_SECONDS + 1 })],
  ['the latest iat', claims({ iat: NOW + TOLERANCE_SECONDS })],
  ['an iat with a fraction', claims({ iat: NOW - 0.5 })],
  ['the longest jti', claims({ jti: `${'x'.repeat(255)}y` })],
  ['a nonce that nobody asked for', claims({ nonce: 'x' })],
  [
    'claims and headers that nobody knows',
    { proof: { claims: { more: 1 }, header: { kid: 'k', x5u: URL } } },
  ],
  ['the scheme in other case', { scheme: 'dPoP' }],
  ['a binding that nobody knows beside it', { cnf: { toJSON: () => ({ jkt: key.thumbprint, kid: 'x' }) } }],
  ['another method', { ...claims({ htm: 'DELETE' }), method: 'DELETE' }],
];

test.each(RIGHT)('accepts: %s', async (_name, change) => {
  const principal = await identifier.identify(credentialWith(change));
  expect(principal).toMatchObject({ subject: 'robot', binding: 'dpop' });
  expect(provenBindings(principal)).toEqual(['dpop']);
});

test('a proof is taken once, by one gateway of a store', async () => {
  const credential = credentialWith();
  await identifier.identify(credential);
  for (const each of [identifier, neighbour])
    expect(await refusedWith(credential, each)).toMatchObject({
      httpStatus: 401,
      code: 'proof_replayed',
      challengeError: 'invalid_dpop_proof',
    });
  const other = credentialWith({ prover: () => stranger });
  await expect(neighbour.identify(other)).resolves.toMatchObject({ binding: 'dpop' });
});

test('of many that come at once with one proof, one passes', async () => {
  const credential = credentialWith();
  const answers = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? identifier : neighbour).identify(credential)),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the same jti of another key is another proof', async () => {
  const proof = { claims: { jti: 'one-for-two' } };
  await identifier.identify(credentialWith({ proof }));
  await identifier.identify(credentialWith({ proof, prover: () => stranger }));
  expect(await refusedWith(credentialWith({ proof }))).toMatchObject({ code: 'proof_replayed' });
});

test('what is not proven is not kept, and what is kept goes when it is too old', async () => {
  const used: [string, number][] = [];
  const watched = await started({
    algorithms: ALGORITHMS,
    maxAgeSeconds: MAX_AGE_SECONDS,
    store: {
      use: async (digest, forgetAt) => used.push([digest, forgetAt]) > 0,
      nonceKey: store.proofs.nonceKey,
    },
  });
  for (const [, change] of WRONG)
    if (change.identifier === undefined) await refusedWith(credentialWith(change), watched);
  expect(used).toEqual([]);
  await watched.identify(credentialWith());
  const until = (NOW + MAX_AGE_SECONDS + TOLERANCE_SECONDS) * 1000;
  expect(used).toEqual([[expect.stringMatching(/^[\w-]{43}$/), until]]);
  watched.close();
});

test('where it cannot be known whether a proof was used, nobody passes', async () => {
  const closed = await openStore(':memory:');
  const { proofs } = closed;
  await closed.close();
  const broken = await started({ algorithms: ALGORITHMS, maxAgeSeconds: MAX_AGE_SECONDS, store: proofs });
  const thrown = await broken.identify(credentialWith()).catch((error: unknown) => error);
  expect(refusalOf(thrown).httpStatus).toBeGreaterThanOrEqual(500);
  broken.close();
});

test('a token that is revoked while its proof is verified does not pass', async () => {
  let isRevoked = false;
  const revoking = await started(
    {
      algorithms: ALGORITHMS,
      maxAgeSeconds: MAX_AGE_SECONDS,
      store: {
        use: async () => {
          isRevoked = true;
          return true;
        },
        nonceKey: store.proofs.nonceKey,
      },
    },
    () => isRevoked,
  );
  expect(await refusedWith(credentialWith(), revoking)).toMatchObject({ code: 'token_revoked' });
  revoking.close();
});

test('certificates', async () => {
  const cnf = { 'x5t#S256': CERTIFICATE };
  const bound = { cnf, scheme: 'Bearer', headers: () => [] };
  for (const each of [identifier, withoutProofs]) {
    const principal = await each.identify(credentialWith({ ...bound, certificate: CERTIFICATE }));
    expect(principal).toMatchObject({ binding: 'mtls' });
    for (const certificate of ['A'.repeat(43), `${CERTIFICATE}A`, ''])
      expect(await refusedWith(credentialWith({ ...bound, certificate }), each)).toMatchObject({
        code: 'binding_unproven',
        challengeError: 'invalid_token',
      });
    expect(await refusedWith(credentialWith(bound), each)).toMatchObject({ code: 'binding_unproven' });
  }
  const both = await identifier.identify(credentialWith({ cnf: lazyBoth(), certificate: CERTIFICATE }));
  expect([both.binding, provenBindings(both)]).toEqual(['dpop', ['dpop', 'mtls']]);
});

test('a token that is bound to nothing needs neither proof nor certificate', async () => {
  const principal = await identifier.identify(credentialWith({ cnf: undefined, scheme: 'Bearer' }));
  expect([principal.binding, provenBindings(principal)]).toEqual(['none', []]);
});

describe('nonces', () => {
  const nonced = (nonce: unknown): Change => ({ ...claims({ nonce }), identifier: () => withNonces });
  const nonceAt = (seconds: number) => {
    now = seconds;
    return withNonces.nonce();
  };

  test.each([
    ['none', () => undefined],
    ['a foreign one', () => randomBytes(32).toString('base64url')],
    ['a number', () => 1],
    ['an empty one', () => ''],
    ['one of two windows ago', () => nonceAt(NOW - 2 * MAX_AGE_SECONDS)],
    ['one of the next window', () => nonceAt(NOW + MAX_AGE_SECONDS)],
  ])('refuses %s', async (_what, nonce) => {
    const value = nonce();
    now = NOW;
    expect(await refusedWith(credentialWith(nonced(value)), withNonces)).toMatchObject({
      httpStatus: 401,
      code: 'proof_nonce_required',
      challengeError: 'use_dpop_nonce',
    });
  });

  test.each([0, MAX_AGE_SECONDS])('accepts the one of %s seconds ago, once', async (ago) => {
    const change = nonced(nonceAt(NOW - ago));
    now = NOW;
    const credential = credentialWith(change);
    await expect(withNonces.identify(credential)).resolves.toMatchObject({ binding: 'dpop' });
    expect(await refusedWith(credential, withNonces)).toMatchObject({ code: 'proof_replayed' });
  });

  test("say when a proof was made, whatever the caller's clock says", async () => {
    const change = { proof: { claims: { nonce: nonceAt(NOW), iat: NOW - 86_400 } } };
    await expect(withNonces.identify(credentialWith(change))).resolves.toMatchObject({ binding: 'dpop' });
  });

  test('are asked for only where all else is right', async () => {
    const wrong = { claims: { htm: 'GET' } };
    expect(await refusedWith(credentialWith({ proof: wrong }), withNonces)).toMatchObject({
      code: 'proof_misdirected',
    });
  });

  test('are the same for all gateways of a store, and change', async () => {
    const other = await openStore(':memory:');
    const [first, again, elsewhere] = (
      await Promise.all([store, store, other].map(({ proofs }) => proofs.nonceKey()))
    ).map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(first);
    expect(elsewhere).not.toBe(first);
    expect(nonceAt(NOW)).toBe(nonceAt(NOW + MAX_AGE_SECONDS - 1));
    expect(nonceAt(NOW)).not.toBe(nonceAt(NOW + MAX_AGE_SECONDS));
    expect(identifier.nonce()).toBeUndefined();
    await other.close();
  });
});
