import { generateKeyPairSync, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { type Builtin, BuiltinError, type Evaluation } from '../../src/policy/builtins/builtin.js';
import { JWT } from '../../src/policy/builtins/jwt/index.js';
import { X509 } from '../../src/policy/builtins/x509/index.js';
import { fromJson, toJson } from '../../src/policy/rego/json.js';

/** What needs keys: they are made here and never kept. */

interface Pair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SHORT_RSA = generateKeyPairSync('rsa', { modulusLength: 768 });
const EC: Record<string, Pair> = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
const ED25519 = generateKeyPairSync('ed25519');

const PAIRS: [algorithm: string, pair: Pair][] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((algorithm): [string, Pair] => [
    algorithm,
    RSA,
  ]),
  ...Object.entries(EC),
  ['EdDSA', ED25519],
];

const CLAIMS = { sub: 'agent', exp: 4_000_000_000 };

function evaluation(): Evaluation {
  const remembered = new Map<string, unknown>();
  return {
    nowNanoseconds: 1_700_000_000_000_000_000n,
    remember: <Value>(key: string, make: () => Value): Value => {
      if (!remembered.has(key)) remembered.set(key, make());
      return remembered.get(key) as Value;
    },
    spend: () => undefined,
  };
}

function call(builtin: Builtin, operands: unknown[], context = evaluation()): unknown {
  try {
    const result = builtin(context, ...operands.map((operand) => fromJson(operand as never)));
    return result === undefined ? undefined : toJson(result);
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function jwk(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}

function pem({ publicKey }: Pair): string {
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

function pkcs8({ privateKey }: Pair): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function signed(algorithm: string, pair: Pair, header = {}, context = evaluation()): string {
  const token = call(
    JWT['io.jwt.encode_sign'],
    [{ alg: algorithm, ...header }, CLAIMS, jwk(pair.privateKey)],
    context,
  );
  if (typeof token !== 'string') throw new Error(`no token of ${algorithm}`);
  return token;
}

function verifierOf(algorithm: string): Builtin {
  const builtin = Object.entries(JWT).find(
    ([name]) => name === `io.jwt.verify_${algorithm.toLowerCase()}`,
  )?.[1];
  if (builtin === undefined) throw new Error(`no function for ${algorithm}`);
  return builtin;
}

describe.each(PAIRS)('%s', (algorithm, pair) => {
  const token = signed(algorithm, pair);

  test('verifies what it signed, by a PEM key, a JWK and a set of them', () => {
    const keys = [
      pem(pair),
      JSON.stringify(jwk(pair.publicKey)),
      JSON.stringify({ keys: [jwk(pair.publicKey)] }),
    ];
    for (const key of keys) {
      expect(call(verifierOf(algorithm), [token, key])).toBe(true);
      expect(call(JWT['io.jwt.decode_verify'], [token, { cert: key }])).toEqual([
        true,
        { alg: algorithm },
        CLAIMS,
      ]);
    }
  });

  test('does not verify what was changed, nor what another key signed', () => {
    const [header, payload = '', signature] = token.split('.');
    const changed = `${header}.${Buffer.from('{"sub":"root"}').toString('base64url')}.${signature}`;
    expect(call(verifierOf(algorithm), [changed, pem(pair)])).toBe(false);
    expect(call(verifierOf(algorithm), [`${header}.${payload}.`, pem(pair)])).toBe(false);
    const others = [RSA, ED25519, ...Object.values(EC)].filter((other) => other !== pair);
    for (const other of others) {
      expect(call(JWT['io.jwt.decode_verify'], [token, { cert: pem(other) }])).toEqual([false, {}, {}]);
    }
  });

  test('is not taken for another algorithm', () => {
    const others = PAIRS.map(([name]) => name).filter((name) => name !== algorithm);
    for (const other of others) expect(call(verifierOf(other), [token, pem(pair)])).toBe(false);
  });
});

test('a signature with chance in it is the same for the same token within an evaluation', () => {
  const context = evaluation();
  const pair = EC['ES256'] ?? RSA;
  expect(signed('ES256', pair, {}, context)).toBe(signed('ES256', pair, {}, context));
  expect(signed('ES256', pair, {}, context)).not.toBe(signed('ES256', pair));
});

test('signatures of curves are of the form that JOSE wants', () => {
  const pair = EC['ES256'] ?? RSA;
  const [header, payload, signature = ''] = signed('ES256', pair).split('.');
  const bytes = Buffer.from(signature, 'base64url');
  expect(bytes).toHaveLength(64);
  const key = { key: pair.publicKey, dsaEncoding: 'ieee-p1363' } as const;
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, bytes)).toBe(true);
});

test('a public key is no secret', () => {
  const secret = { kty: 'oct', k: Buffer.from(pem(RSA)).toString('base64url') };
  const token = call(JWT['io.jwt.encode_sign'], [{ alg: 'HS256' }, CLAIMS, secret]);
  expect(call(JWT['io.jwt.decode_verify'], [token, { cert: pem(RSA) }])).toEqual([false, {}, {}]);
  expect(call(JWT['io.jwt.verify_rs256'], [token, pem(RSA)])).toBe(false);
});

test('private keys verify only where OPA lets them', () => {
  const token = signed('RS256', RSA);
  const key = JSON.stringify(jwk(RSA.privateKey));
  expect(call(JWT['io.jwt.verify_rs256'], [token, key])).toBe(false);
  expect(call(JWT['io.jwt.decode_verify'], [token, { cert: key }])).toEqual([true, { alg: 'RS256' }, CLAIMS]);
});

test('RSA keys that are too short sign nothing', () => {
  expect(
    call(JWT['io.jwt.encode_sign'], [{ alg: 'RS256' }, CLAIMS, jwk(SHORT_RSA.privateKey)]),
  ).toBeUndefined();
});

test('a PEM key with anything after it is refused', () => {
  const token = signed('RS256', RSA);
  for (const text of [pem(RSA) + pem(RSA), `${pem(RSA)}\n`, pkcs8(RSA)]) {
    expect(call(JWT['io.jwt.verify_rs256'], [token, text])).toBeUndefined();
  }
});

test.each([
  ['RSA', RSA],
  ['EC', EC['ES384'] ?? RSA],
  ['OKP', ED25519],
] as const)('an %s key becomes a JWK', (_, pair) => {
  expect(call(X509['crypto.x509.parse_rsa_private_key'], [pkcs8(pair)])).toEqual(jwk(pair.privateKey));
});

test('an RSA key whose parts do not fit together is refused', () => {
  const der = Buffer.from(RSA.privateKey.export({ format: 'der', type: 'pkcs1' }));
  const read = (bytes: Buffer) =>
    call(X509['crypto.parse_private_keys'], [
      `-----BEGIN RSA PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END RSA PRIVATE KEY-----\n`,
    ]);
  expect(read(der)).toHaveLength(1);
  for (let at = 40; at < der.length; at += 97) {
    const changed = Buffer.from(der);
    changed.writeUInt8(changed.readUInt8(at) ^ 2, at);
    expect(read(changed)).toBeUndefined();
  }
});
