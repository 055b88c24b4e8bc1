import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { trustedProxies } from '../../src/gateway/index.js';
import { StoreError } from '../../src/store/index.js';
import { until } from '../identity/issuer.js';
import { type ProofKey, type ProofRecipe, proofKey, proofOf } from '../identity/proof.js';
import { bundleOf } from '../policy/compile.js';
import { localhostCertificate } from './certificate.js';
import { call, errorOf, Harness } from './harness.js';

const PUBLIC = 'https://gateway.example';
const URL = `${PUBLIC}/mcp/tools`;
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';
const METADATA = '/.well-known/oauth-protected-resource/mcp/tools';
/** Says which binding it saw. */
const POLICY = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [input.principal.binding]}
`;

let key: ProofKey;
let stranger: ProofKey;
let harness: Harness;
/** It believes other proxies, and wants nonces. */
let strict: Harness;

beforeAll(async () => {
  [key, stranger] = await Promise.all([proofKey(), proofKey()]);
  const options = { publicUrl: PUBLIC, bundle: await bundleOf(POLICY) };
  harness = await Harness.start({
    ...options,
    dpop: { nonceRequired: false },
    trustedProxies: ['10.0.0.0/8', '127.0.0.0/8'],
    others: ['any', 'dpop', 'mtls'],
    requireBinding: { any: 'any', dpop: 'dpop', mtls: 'mtls' },
  });
  strict = await Harness.start({
    ...options,
    dpop: { nonceRequired: true },
    trustedProxies: ['10.0.0.0/8', '::1'],
  });
});

afterAll(() => Promise.all([harness.close(), strict.close()]));

beforeEach(() => {
  for (const each of [harness, strict]) {
    each.seen.length = 0;
    each.answerJson(RESULT);
  }
});

/** The headers of a request with a token that is bound to the key. */
async function proven(
  recipe: ProofRecipe = {},
  { url = URL, method = 'POST', by = harness } = {},
): Promise<Record<string, string>> {
  const token = await by.token({ cnf: { jkt: key.thumbprint } });
  return { Authorization: `DPoP ${token}`, DPoP: proofOf(key, { token, method, url }, recipe) };
}

/** Which binding policy saw last. */
async function seenBinding(): Promise<string | undefined> {
  return (await harness.decisions()).at(-1)?.labels[0];
}

describe('DPoP', () => {
  test('a call with a proof passes, policy sees it, and no upstream does', async () => {
    const response = await harness.post(call('echo'), await proven());
    expect(response.status).toBe(200);
    expect(response.headers.get('DPoP-Nonce')).toBeNull();
    expect(await seenBinding()).toBe('dpop');
    const [seen] = harness.seen;
    expect(Object.keys(seen?.headers ?? {}).filter((name) => /dpop|authorization|cert/.test(name))).toEqual(
      [],
    );
  });

  test('the proof is for the public URL of that very request', async () => {
    for (const recipe of [
      { claims: { htu: `${harness.url}/mcp/tools` } },
      { claims: { htu: `${PUBLIC}/mcp/others` } },
      { claims: { htm: 'GET' } },
    ]) {
      const response = await harness.post(call('echo'), await proven(recipe));
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe(
        `Bearer resource_metadata="${PUBLIC}${METADATA}", DPoP error="invalid_dpop_proof", ` +
          `error_description="the DPoP proof is not valid", resource_metadata="${PUBLIC}${METADATA}", algs="ES256 EdDSA RS256 PS256"`,
      );
    }
    expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'proof_misdirected' });
    expect(harness.seen).toEqual([]);
  });

  test('a proof that somebody copied does not pass again', async () => {
    const headers = await proven();
    expect((await harness.post(call('echo'), headers)).status).toBe(200);
    const again = await harness.post(call('echo'), headers);
    expect(again.status).toBe(401);
    expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'proof_replayed' });
  });

  test('a stolen token is of no use as Bearer, nor with another key', async () => {
    const token = await harness.token({ cnf: { jkt: key.thumbprint } });
    const purpose = { token, method: 'POST', url: URL };
    await harness.post(call('echo'), { Authorization: `DPoP ${token}`, DPoP: proofOf(key, purpose) });
    const asBearer = await harness.post(call('echo'), { Authorization: `Bearer ${token}` });
    expect([asBearer.status, asBearer.headers.get('WWW-Authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer error="invalid_token", .+, DPoP algs="ES256 EdDSA RS256 PS256"$/),
    ]);
    const withOther = { Authorization: `DPoP ${token}`, DPoP: proofOf(stranger, purpose) };
    expect((await harness.post(call('echo'), withOther)).status).toBe(401);
    expect(harness.seen).toHaveLength(1);
  });

  test('two headers are refused, whichever is right', async () => {
    const { Authorization = '', DPoP = '' } = await proven();
    const answer = await raw(['Authorization', Authorization, 'DPoP', DPoP, 'DPoP', DPoP]);
    expect(answer.statusCode).toBe(401);
    expect((await harness.events()).at(-1)).toMatchObject({ code: 'proof_malformed' });
  });

  test('nonces: a caller gets one with the refusal, and the next with each answer', async () => {
    const refused = await strict.post(call('echo'), await proven({}, { by: strict }));
    const nonce = refused.headers.get('DPoP-Nonce') ?? '';
    expect([refused.status, nonce]).toEqual([401, expect.stringMatching(/^[\w-]{43}$/)]);
    expect(refused.headers.get('WWW-Authenticate')).toContain('DPoP error="use_dpop_nonce"');
    const passed = await strict.post(call('echo'), await proven({ claims: { nonce } }, { by: strict }));
    expect([passed.status, passed.headers.get('DPoP-Nonce')]).toEqual([
      200,
      expect.stringMatching(/^[\w-]{43}$/),
    ]);
    const bearer = await strict.post(call('echo'));
    expect([bearer.status, bearer.headers.get('DPoP-Nonce')]).toEqual([200, null]);
  });

  test('approvers can come with a proof too', async () => {
    const path = '/api/approvals';
    const headers = await proven({}, { url: `${PUBLIC}${path}`, method: 'GET' });
    expect((await harness.fetch('GET', undefined, headers, `${path}?state=pending`)).status).toBe(200);
    const again = await harness.fetch('GET', undefined, headers, path);
    expect([again.status, again.headers.get('WWW-Authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer, DPoP error="invalid_dpop_proof"/),
    ]);
  });

  test('where it cannot be known whether a proof was used, nothing passes', async () => {
    const { proofs } = harness.store;
    const { use } = proofs;
    const full = new StoreError('failed', 'the disk is full', 'Make room.');
    Object.assign(proofs, { use: () => Promise.reject(full) });
    const response = await harness.post(call('echo'), await proven());
    Object.assign(proofs, { use });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('disk');
    expect(harness.seen).toEqual([]);
  });

  test('the door of 2024-11-05 takes no bound token, and says so', async () => {
    const headers = await proven({}, { url: `${URL}/sse`, method: 'GET' });
    const response = await harness.fetch('GET', undefined, headers, '/mcp/tools/sse');
    expect(response.status).toBe(403);
    expect((await errorOf(response)).message).toBe('tokens that are bound to a key are not taken here');
    expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'binding_unsupported' });
  });
});

describe('an upstream that requires a binding', () => {
  test.each([
    ['any', 'DPoP', 200],
    ['any', 'certificate', 200],
    ['any', 'Bearer', 401],
    ['dpop', 'DPoP', 200],
    ['dpop', 'certificate', 401],
    ['dpop', 'both', 200],
    ['mtls', 'DPoP', 401],
    ['mtls', 'certificate', 200],
    ['mtls', 'both', 200],
    ['mtls', 'Bearer', 401],
  ] as const)('%s, by %s: %s', async (requireBinding, by, status) => {
    const { header, digest } = clientCertificate();
    const hasKey = by === 'DPoP' || by === 'both';
    const hasCertificate = by === 'certificate' || by === 'both';
    const cnf = {
      ...(hasKey && { jkt: key.thumbprint }),
      ...(hasCertificate && { 'x5t#S256': digest }),
    };
    const token = await harness.token(by === 'Bearer' ? {} : { cnf });
    const path = `/mcp/${requireBinding}`;
    const proof = proofOf(key, { token, method: 'POST', url: `${PUBLIC}${path}` });
    const headers = {
      Authorization: `${hasKey ? 'DPoP' : 'Bearer'} ${token}`,
      ...(hasKey && { DPoP: proof }),
      'Client-Cert': header,
    };
    const response = await harness.fetch('POST', JSON.stringify(call('echo')), headers, path);
    expect(response.status).toBe(status);
    if (status === 200) expect(await seenBinding()).toBe(hasKey ? 'dpop' : 'mtls');
    else {
      expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'binding_required' });
      expect(response.headers.get('WWW-Authenticate')).toContain('DPoP ');
      expect((await errorOf(response)).message).toBe(
        'an access token that is bound to a key of the caller is required',
      );
    }
  });

  test('its metadata says so', async () => {
    const path = '/.well-known/oauth-protected-resource/mcp/dpop';
    expect(await (await harness.fetch('GET', undefined, {}, path)).json()).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'RS256', 'PS256'],
      dpop_bound_access_tokens_required: true,
      tls_client_certificate_bound_access_tokens: true,
    });
  });

  test('so does the door of 2024-11-05', async () => {
    const response = await harness.fetch('GET', undefined, {}, '/mcp/any/sse');
    expect(response.status).toBe(401);
    expect((await harness.events()).at(-1)).toMatchObject({ code: 'binding_required' });
  });
});

describe('what a proxy says of a certificate', () => {
  const { header, digest, pem } = clientCertificate();

  async function send(headers: readonly string[], to = harness): Promise<number | undefined> {
    const token = await to.token({ cnf: { 'x5t#S256': digest } });
    return (await raw(['Authorization', `Bearer ${token}`, ...headers], to)).statusCode;
  }

  test('is believed, and goes no further', async () => {
    expect(await send(['Client-Cert', header])).toBe(200);
    expect(await seenBinding()).toBe('mtls');
    expect(harness.seen[0]?.headers).not.toHaveProperty('client-cert');
  });

  test('is not believed of anybody else', async () => {
    expect(await send(['Client-Cert', header], strict)).toBe(401);
    expect((await strict.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'binding_unproven' });
    expect(strict.seen).toEqual([]);
  });

  test.each([
    ['not at all', []],
    ['twice', ['Client-Cert', header, 'Client-Cert', header]],
    ['twice in one', ['Client-Cert', `${header}, ${header}`]],
    ['of another certificate', ['Client-Cert', clientCertificate().header]],
    ['without colons', ['Client-Cert', header.slice(1, -1)]],
    ['with parameters', ['Client-Cert', `${header};a=1`]],
    ['in base64url', ['Client-Cert', header.replaceAll('+', '-').replaceAll('/', '_').replace('MII', 'M-I')]],
    ['empty', ['Client-Cert', '::']],
    ['as something else', ['Client-Cert', ':AAAA:']],
    ['as PEM', ['Client-Cert', `:${Buffer.from(pem).toString('base64')}:`]],
    ['with bytes behind it', ['Client-Cert', withBytesBehind(header)]],
    ['too long', ['Client-Cert', `:${'A'.repeat(14_000)}:`]],
  ])('does not count where it is said: %s', async (_how, headers) => {
    expect(await send(headers)).toBe(401);
    expect((await harness.events()).at(-1)).toMatchObject({ type: 'refusal', code: 'binding_unproven' });
    expect(harness.seen).toEqual([]);
  });

  test.each([
    [['127.0.0.1'], '127.0.0.1', true],
    [['127.0.0.1'], '::ffff:127.0.0.1', true],
    [['127.0.0.1'], '127.0.0.2', false],
    [['10.0.0.0/8', '127.0.0.0/8'], '127.9.9.9', true],
    [['::ffff:127.0.0.1'], '127.0.0.1', true],
    [['::ffff:127.0.0.0/104'], '::ffff:127.1.0.1', true],
    [['::ffff:127.0.0.0/104'], '128.0.0.1', false],
    [['fd00::/8'], 'fd12::1', true],
    [['fd00::/8'], '127.0.0.1', false],
    [['0.0.0.0/0'], '::1', false],
    [['0.0.0.0/0'], 'proxy', false],
    [['0.0.0.0/0'], undefined, false],
    [[], '127.0.0.1', false],
  ])('%j and %s: %s', (networks, address, included) => {
    const proxies = trustedProxies(networks);
    expect([proxies.some, proxies.include(address)]).toEqual([networks.length > 0, included]);
  });
});

function withBytesBehind(header: string): string {
  return `:${Buffer.concat([Buffer.from(header.slice(1, -1), 'base64'), Buffer.of(0)]).toString('base64')}:`;
}

/** A certificate as a proxy tells of it, and as a token names it. */
function clientCertificate(): { header: string; digest: string; pem: string } {
  const pem = localhostCertificate().certificate;
  const text = pem.replaceAll(/-----[A-Z ]+-----|\n/g, '');
  const digest = createHash('sha256').update(Buffer.from(text, 'base64')).digest('base64url');
  return { header: `:${text}:`, digest, pem };
}

/** Sends a call with headers just as they are: `fetch` would join those of one name. */
async function raw(headers: readonly string[], to = harness): Promise<IncomingMessage> {
  const body = JSON.stringify(call('echo'));
  const { host } = new globalThis.URL(to.url);
  const sent = [
    ...['Host', host, 'Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream'],
    ...['Content-Length', String(body.length)],
    ...headers,
  ];
  let answer: IncomingMessage | undefined;
  const request = httpRequest(`${to.url}/mcp/tools`, { method: 'POST', headers: sent }, (response) => {
    answer = response.resume();
  });
  request.end(body);
  await until(() => answer?.complete === true);
  return answer as unknown as IncomingMessage;
}
