import { createHmac, KeyObject, sign } from 'node:crypto';
import type { SigningKey } from './issuer.js';

/** How the token of a case differs from a good one. */
export interface TokenRecipe {
  /** Members that are set in the header or the claims; `{"now": n}` is n seconds from the test's now. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Names that are left out of the header and the claims. */
  readonly without?: readonly string[];
  /** Which key signs; `hmac-of-public-key` uses the text of the issuer's public key as a secret. */
  readonly signer?: 'es' | 'rs' | 'ed' | 'stranger' | 'hmac-of-public-key';
  /** Text put in place of the header's or the claims' JSON, `ISSUER` standing for the issuer. */
  readonly headerText?: string;
  readonly claimsText?: string;
  /** The parts' order and what stands between them, such as `{header}.{claims}.`. */
  readonly token?: string;
  /** The header's value, such as `Bearer {token}`. */
  readonly authorization?: string;
}

export interface TokenWorld {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly keys: Record<'es' | 'rs' | 'ed' | 'stranger', SigningKey>;
}

/** The `Authorization` value of a recipe: by default a token that is right in every way. */
export function authorization(recipe: TokenRecipe, world: TokenWorld): string {
  const signer = recipe.signer ?? 'es';
  const key = signer === 'hmac-of-public-key' ? world.keys.rs : world.keys[signer];
  const goodHeader = { alg: key.jwk.alg, kid: signer === 'stranger' ? 'es' : key.jwk.kid };
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
  const header = recipe.headerText ?? members(goodHeader, recipe.header, recipe, world);
  const claims = recipe.claimsText ?? members(goodClaims, recipe.claims, recipe, world);
  const parts = { header: base64url(placed(header, world)), claims: base64url(placed(claims, world)) };
  const signature = signed(`${parts.header}.${parts.claims}`, signer, key);
  const token = fill(recipe.token ?? '{header}.{claims}.{signature}', { ...parts, signature });
  return fill(recipe.authorization ?? 'Bearer {token}', { token });
}

function members(good: object, changes: object | undefined, recipe: TokenRecipe, world: TokenWorld): string {
  const all = Object.entries({ ...good, ...changes }).filter(([name]) => !recipe.without?.includes(name));
  return JSON.stringify(Object.fromEntries(all.map(([name, value]) => [name, moment(value, world)])));
}

function moment(value: unknown, { now }: TokenWorld): unknown {
  const isMoment = typeof value === 'object' && value !== null && 'now' in value;
  return isMoment ? now + Number(value.now) : value;
}

function placed(text: string, world: TokenWorld): string {
  return text
    .replaceAll('ISSUER', world.issuer)
    .replaceAll('AUDIENCE', world.audience)
    .replaceAll('NOW', String(world.now));
}

function signed(input: string, signer: TokenRecipe['signer'], key: SigningKey): string {
  const data = Buffer.from(input);
  if (signer === 'hmac-of-public-key') {
    const secret = KeyObject.from(key.publicKey).export({ type: 'spki', format: 'pem' });
    return createHmac('sha256', secret).update(data).digest('base64url');
  }
  const privateKey = KeyObject.from(key.privateKey);
  const digest = key.jwk.alg === 'EdDSA' ? null : 'sha256';
  return sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

function fill(template: string, parts: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
