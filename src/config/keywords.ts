import { createPublicKey, type KeyObject } from 'node:crypto';

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
  { accepts: (setting: unknown, value: unknown) => boolean; words: (setting: unknown) => string }
>;

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

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
