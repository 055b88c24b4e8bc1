import { createHmac, KeyObject, sign } from 'node:crypto';
import type { SigningKey } from './issuer.js';

/** How the token of a case differs from a good one. */
export interface TokenRecipe {
  /**
   * Members that are set in the header or the claims. `{"now": n}` is n seconds from the test's now, `{"repeat": text,
   * "times": n}` a long text, `{"nested": n}` a list n deep, `{"keyOf": name}` a public key.
   */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Names that are left out of the header and the claims. */
  readonly without?: readonly string[];
  /** Which key signs; `hmac-of-public-key` uses the text of the issuer's public key as a secret. */
  readonly signer?: string;
  /** What stands in place of the signature. */
  readonly signature?: 'of-another-token' | 'der' | 'zeros' | 'other-text';
  /** What is signed has these claims. */
  readonly signedAs?: Record<string, unknown>;
  /** Text put in place of the header's or the claims' JSON, `ISSUER` standing for the issuer. */
  readonly headerText?: string;
  readonly claimsText?: string;
  /** Whether those are encoded in Latin-1 instead of UTF-8. */
  readonly latin1?: boolean;
  /** The parts' order and what stands between them, such as `{header}.{claims}.`. */
  readonly token?: string;
  /** The header's value, such as `Bearer {token}`. */
  readonly authorization?: string;
}

export interface TokenWorld {
  readonly issuer: string;
  readonly audience: string;
  /** Where an attacker listens. */
  readonly attacker?: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** `es` signs where nothing is said, and `rs` has the public key that is misused as a secret. */
  readonly keys: Readonly<Record<string, SigningKey>>;
}

/** The `Authorization` value of a recipe: by default a token that is right in every way. */
export function authorization(recipe: TokenRecipe, world: TokenWorld): string {
  const signer = recipe.signer ?? 'es';
  const key = keyNamed(signer === 'hmac-of-public-key' ? 'rs' : signer, world);
  const goodHeader = { alg: key.jwk.alg, kid: signer === 'stranger' ? 'es' : key.jwk.kid };
  const header = placed(recipe.headerText ?? members(goodHeader, recipe.header, recipe, world), world);
  const claims = claimsOf(recipe, world);
  const encoding = recipe.latin1 === true ? 'latin1' : 'utf8';
  const parts = { header: base64url(header, encoding), claims: base64url(claims, encoding) };
  const signedClaims = recipe.signedAs === undefined ? claims : claimsOf({ claims: recipe.signedAs }, world);
  const signature = signatureOf(`${parts.header}.${base64url(signedClaims, encoding)}`, recipe, key);
  const token = fill(recipe.token ?? '{header}.{claims}.{signature}', { ...parts, signature });
  return fill(recipe.authorization ?? 'Bearer {token}', { token });
}

function claimsOf(recipe: TokenRecipe, world: TokenWorld): string {
  const goodClaims = {
    iss: world.issuer,
    sub: 'robot',
    aud: world.audience,
    iat: { now: -10 },
    exp: { now: 290 },
    client_id: 'robot-client',
    groups: ['refunds'],
    roles: ['agent'],
    scope: 'read write',
  };
  return placed(recipe.claimsText ?? members(goodClaims, recipe.claims, recipe, world), world);
}

function keyNamed(name: string, { keys }: TokenWorld): SigningKey {
  const key = keys[name];
  if (key === undefined) throw new Error(`the test has no key ${name}`);
  return key;
}

function members(good: object, changes: object | undefined, recipe: TokenRecipe, world: TokenWorld): string {
  const all = Object.entries({ ...good, ...changes }).filter(([name]) => !recipe.without?.includes(name));
  return JSON.stringify(Object.fromEntries(all.map(([name, value]) => [name, made(value, world)])));
}

/** The value that a recipe describes. */
function made(value: unknown, world: TokenWorld): unknown {
  if (Array.isArray(value)) return value.map((entry) => made(entry, world));
  if (typeof value !== 'object' || value === null) return value;
  if ('now' in value) return world.now + Number(value.now);
  if ('repeat' in value && 'times' in value) return String(value.repeat).repeat(Number(value.times));
  if ('nested' in value)
    return JSON.parse('['.repeat(Number(value.nested)) + ']'.repeat(Number(value.nested)));
  if ('keyOf' in value) return keyNamed(String(value.keyOf), world).jwk;
  return value;
}

function placed(text: string, world: TokenWorld): string {
  return text
    .replaceAll('ISSUER', world.issuer)
    .replaceAll('AUDIENCE', world.audience)
    .replaceAll('ATTACKER', world.attacker ?? '')
    .replaceAll('LATER', String(world.now + 60))
    .replaceAll('NOW', String(world.now));
}

function signatureOf(input: string, recipe: TokenRecipe, key: SigningKey): string {
  switch (recipe.signature) {
    case 'of-another-token':
      return signed(`${input}x`, recipe.signer, key);
    case 'der':
      return signed(input, recipe.signer, key, 'der');
    case 'zeros':
      return Buffer.alloc(64).toString('base64url');
    case 'other-text': {
      const right = signed(input, recipe.signer, key);
      const last = String.fromCharCode(right.charCodeAt(right.length - 1) + 1); // its low bits are of no byte
      return right.slice(0, -1) + last;
    }
    default:
      return signed(input, recipe.signer, key);
  }
}

function signed(
  input: string,
  signer: string | undefined,
  key: SigningKey,
  dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
): string {
  const data = Buffer.from(input);
  if (signer === 'hmac-of-public-key') {
    const secret = KeyObject.from(key.publicKey).export({ type: 'spki', format: 'pem' });
    return createHmac('sha256', secret).update(data).digest('base64url');
  }
  const privateKey = KeyObject.from(key.privateKey);
  const digest = key.jwk.alg === 'EdDSA' ? null : 'sha256';
  return sign(digest, data, { key: privateKey, dsaEncoding }).toString('base64url');
}

function fill(template: string, parts: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

function base64url(text: string, encoding: BufferEncoding = 'utf8'): string {
  return Buffer.from(text, encoding).toString('base64url');
}
