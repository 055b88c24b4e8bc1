import { createPublicKey, type KeyObject } from 'node:crypto';
import { ANY_VALUE, presetRules } from './presets.js';

/**
 * Keywords of our own in `schemas/config.schema.json`: what holds between values. Each looks only at values of the
 * right type, since others are a problem already.
 */
export const KEYWORDS = {
  /** Entries of a list differ in this member. */
  uniqueBy: {
    accepts: (member, list) => {
      const names = asList(list).map((entry) => memberOf(entry, String(member)));
      const known = names.filter((name) => typeof name === 'string');
      return new Set(known).size === known.length;
    },
    words: (member) => `has two entries with the same \`${member}\``,
  },
  /** Entries of a list are of different issuers, be they named or a preset's own. */
  uniqueIssuers: {
    accepts: (_true, list) => {
      const issuers = issuersOf(list);
      return new Set(issuers).size === issuers.length;
    },
    words: () => 'has two entries with the same `issuer`',
  },
  /** No more than one entry of a list has this member. */
  atMostOneWith: {
    accepts: (member, list) =>
      asList(list).filter((entry) => memberOf(entry, String(member)) !== undefined).length <= 1,
    words: (member) => `has more than one entry with \`${member}\``,
  },
  /** An object has at most one of these members. */
  notTogether: {
    accepts: (members, object) =>
      asList(members).filter((name) => memberOf(object, String(name)) !== undefined).length <= 1,
    words: (members) => `must not have both \`${asList(members).join('` and `')}\``,
  },
  /** The name of an issuer that the whole file lists. */
  trustedIssuer: {
    accepts: (_true, issuer, file) =>
      typeof issuer !== 'string' ||
      issuersOf(memberOf(memberOf(file, 'identity'), 'issuers')).includes(issuer),
    words: () => 'is none of the issuers in `identity.issuers`; add it there, or name one of them',
  },
  /** An issuer is named, unless the platform has only one. */
  issuerOfPreset: {
    accepts: (_true, issuer) => {
      const rules = presetRules(memberOf(issuer, 'preset') ?? 'oidc');
      return memberOf(issuer, 'issuer') !== undefined || rules === undefined || rules.issuer !== undefined;
    },
    words: () => 'needs an `issuer`, as its preset does not know it',
  },
  /** Exactly issuers of the preset `spiffe` are trust domains, and have the address of their bundle. */
  trustDomainOfPreset: {
    accepts: (_true, issuer) => {
      const name = memberOf(issuer, 'issuer');
      if (memberOf(issuer, 'preset') !== 'spiffe') return !isTrustDomain(name);
      return isTrustDomain(name) && memberOf(issuer, 'jwks_uri') !== undefined;
    },
    words: () =>
      'with `preset: spiffe` needs `issuer: spiffe://<trust domain>` and a `jwks_uri`; no other has those',
  },
  /** Of a platform that is everybody's it is said whose tokens are meant. */
  pinsOfPreset: {
    accepts: (_true, issuer) => {
      const pins = presetRules(memberOf(issuer, 'preset'))?.pins;
      const wanted = memberOf(issuer, 'required_claims');
      return pins === undefined || pins.some((name) => isPinned(memberOf(wanted, name)));
    },
    words: () =>
      'needs `required_claims` that say whose tokens are taken (docs/identity.md): this platform gives everybody a token for any audience',
  },
  /** Only some platforms have pull requests. */
  pullRequestsOfPreset: {
    accepts: (_true, issuer) =>
      memberOf(issuer, 'allow_pull_requests') === undefined ||
      presetRules(memberOf(issuer, 'preset'))?.hasPullRequests === true,
    words: () => 'may have `allow_pull_requests` with the presets `github_actions` and `gitlab_ci` only',
  },
  /** A value of a claim, or a list of them. */
  claimValue: {
    accepts: (_true, value) =>
      Array.isArray(value) ? value.length > 0 && value.every(isClaimValue) : isClaimValue(value),
    words: () => 'must be text, a number, true or false, or a list of those',
  },
  /** The first of two members is not larger than the second. */
  ascending: {
    accepts: (members, object) => {
      const [least, most] = asList(members).map((name) => memberOf(object, String(name)));
      return !(typeof least === 'number' && typeof most === 'number' && least > most);
    },
    words: (members) => `must not have a larger \`${asList(members)[0]}\` than \`${asList(members)[1]}\``,
  },
  /** An object has one of these members, and no other of them. */
  exactlyOne: {
    accepts: (members, object) =>
      asList(members).filter((name) => memberOf(object, String(name)) !== undefined).length === 1,
    words: (members) => `needs either \`${asList(members).join('` or `')}\`, and not both`,
  },
  /** Members that mean something only where the gateway keeps an upstream's sessions itself. */
  ofKeptSessions: {
    accepts: (members, object) =>
      memberOf(object, 'stdio') !== undefined ||
      memberOf(object, 'transport') === 'sse' ||
      asList(members).every((name) => memberOf(object, String(name)) === undefined),
    words: (members) =>
      `may have \`${asList(members).join('` and `')}\` with \`stdio\` or \`transport: sse\` only`,
  },
  /** An upstream's fixed headers leave room for that of its credential. */
  provenOnce: {
    accepts: (_true, upstream) => {
      const credential = memberOf(upstream, 'credential');
      if (credential === undefined) return true;
      const named = memberOf(memberOf(credential, 'header'), 'name') ?? 'authorization';
      const fixed = memberOf(upstream, 'headers');
      const names = typeof fixed === 'object' && fixed !== null ? Object.keys(fixed) : [];
      return !names.some((name) => name.toLowerCase() === String(named).toLowerCase());
    },
    words: () => 'has a header in `headers` that `credential` sets',
  },
  /** What an https URL leads to is not fetched over http. */
  noDowngrade: {
    accepts: (members, object) => {
      const [from, to] = asList(members).map((name) => String(memberOf(object, String(name))));
      return !(from?.startsWith('https:') && to?.startsWith('http:'));
    },
    words: (members) =>
      `must not have a \`${asList(members)[1]}\` over http for its \`${asList(members)[0]}\` over https`,
  },
  /** Two sections do not listen on one port of one address. */
  apart: {
    accepts: (sections, object) => {
      const listens = asList(sections).map((name) => memberOf(memberOf(object, String(name)), 'listen'));
      const [one, other] = listens.map((listen) => [memberOf(listen, 'host'), memberOf(listen, 'port')]);
      return one?.[1] === undefined || one[0] !== other?.[0] || one[1] !== other?.[1];
    },
    words: (sections) => `has \`${asList(sections).join('` and `')}\` listen on the same address and port`,
  },
  /** A public key is of the kind that its algorithm needs, and a secret is for HS256. */
  keyFitsAlgorithm: {
    accepts: (_true, object) => {
      const algorithm = String(memberOf(object, 'algorithm'));
      if (memberOf(object, 'secret') !== undefined) return algorithm === 'HS256';
      const key = publicKey(memberOf(object, 'public_key'));
      return (
        key === undefined || !(algorithm in KEY_KINDS) || KEY_KINDS[algorithm]?.includes(kindOf(key)) === true
      );
    },
    words: () => 'has a key of another kind than its algorithm needs',
  },
} as const satisfies Record<
  string,
  {
    accepts: (setting: unknown, value: unknown, file: unknown) => boolean;
    words: (setting: unknown) => string;
  }
>;

/** The issuers of a list, be they named or a preset's own. */
function issuersOf(list: unknown): readonly unknown[] {
  return asList(list)
    .map((entry) => memberOf(entry, 'issuer') ?? presetRules(memberOf(entry, 'preset'))?.issuer)
    .filter((issuer) => issuer !== undefined);
}

const RSA = ['rsa'];
/** RFC 7518, section 3.1; RFC 8037, section 3.1. */
const KEY_KINDS: Readonly<Record<string, readonly string[]>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: RSA,
  PS384: RSA,
  PS512: RSA,
  ES256: ['ec prime256v1'],
  ES384: ['ec secp384r1'],
  ES512: ['ec secp521r1'],
  EdDSA: ['ed25519'],
  HS256: [],
};

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  return [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter(Boolean).join(' ');
}

function publicKey(text: unknown): KeyObject | undefined {
  try {
    return createPublicKey(String(text));
  } catch {
    return undefined; // the format of the member says so
  }
}

function isTrustDomain(issuer: unknown): boolean {
  return typeof issuer === 'string' && issuer.startsWith('spiffe:');
}

function isPinned(value: unknown): boolean {
  return value !== undefined && value !== ANY_VALUE;
}

function isClaimValue(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
