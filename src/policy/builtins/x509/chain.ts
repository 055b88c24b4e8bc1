import type { Evaluation } from '../builtin.js';
import type { Certificate } from './certificate.js';
import { unhandledExtensions } from './certificate.js';
import { meetsNameConstraints } from './constraints.js';
import { isForHost } from './hostname.js';
import { ANY_USAGE, EXTENDED_KEY_USAGES, SERVER_USAGE } from './key-usage.js';
import { hasValidPolicies } from './policies.js';
import { isSigned } from './signature.js';

/** What a chain must be good for, beside being one. */
export interface Purpose {
  /** '' for any host. */
  readonly host: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** Any one of these; none mean that of a server. */
  readonly usages: readonly number[];
}

/** Units for a signature that is checked. */
const CHECKING = 10_000;

/** More than any honest chain needs; crafted ones could have it checked without end. */
const MOST_CHECKS = 100;

/** The bit of a key's usage that lets it sign certificates. */
const CERTIFICATE_SIGNING = 1 << 5;

const NAMES = '2.5.29.17';

/**
 * The first chain from a certificate to a root that holds and serves the purpose, leaf first.
 *
 * @returns undefined where there is none
 * Source: RFC 5280, section 6; https://pkg.go.dev/crypto/x509#Certificate.Verify
 */
export function verifiedChain(
  evaluation: Evaluation,
  leaf: Certificate,
  intermediates: readonly Certificate[],
  root: Certificate,
  purpose: Purpose,
): readonly Certificate[] | undefined {
  if (!isValid(leaf, 'leaf', [], purpose.time)) return undefined;
  if (purpose.host !== '' && !isForHost(leaf.claims.names, purpose.host)) return undefined;
  const search = { evaluation, root, intermediates: distinct(intermediates), time: purpose.time, checks: 0 };
  const chains = leaf.raw.equals(root.raw) ? [[leaf]] : chainsFrom(search, [leaf]);
  for (const chain of chains) {
    if (
      hasValidPolicies(chain) &&
      allowsUsage(chain, purpose.usages) &&
      meetsNameConstraints(evaluation, chain)
    ) {
      return chain;
    }
  }
  return undefined;
}

interface Search {
  readonly evaluation: Evaluation;
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly time: bigint;
  checks: number;
}

/** Chains that go on from one that has been found so far, in the order in which Go finds them. */
function* chainsFrom(search: Search, chain: readonly Certificate[]): Generator<readonly Certificate[]> {
  const child = chain.at(-1);
  if (child === undefined) return;
  for (const role of ['root', 'intermediate'] as const) {
    for (const parent of possibleParents(child, role === 'root' ? [search.root] : search.intermediates)) {
      search.checks += 1;
      if (search.checks > MOST_CHECKS) return;
      if (isInChain(parent, chain)) continue;
      search.evaluation.spend(CHECKING);
      if (!hasSigned(parent, child) || !isValid(parent, role, chain, search.time)) continue;
      if (role === 'root') yield [...chain, parent];
      else yield* chainsFrom(search, [...chain, parent]);
    }
  }
}

/** Those of the issuer's name, the likelier ones first: whose key identifiers are the same, missing, or not the same. */
function possibleParents(child: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const wanted = child.claims.authorityKeyId ?? Buffer.alloc(0);
  const unlikeliness = ({ claims }: Certificate) => {
    const own = claims.subjectKeyId ?? Buffer.alloc(0);
    if (own.equals(wanted)) return 0;
    return own.length === 0 || wanted.length === 0 ? 1 : 2;
  };
  return candidates
    .filter(({ rawSubject }) => rawSubject.equals(child.rawIssuer))
    .sort((left, right) => unlikeliness(left) - unlikeliness(right));
}

function hasSigned(parent: Certificate, child: Certificate): boolean {
  const { basicConstraints, keyUsage = 0 } = parent.claims;
  const mayBeAuthority = basicConstraints === undefined ? parent.version !== 3 : basicConstraints.isAuthority;
  if (!mayBeAuthority || (keyUsage !== 0 && (keyUsage & CERTIFICATE_SIGNING) === 0)) return false;
  return isSigned(child.rawToBeSigned, child.signature, child.signatureAlgorithm, parent.publicKey);
}

function isValid(
  certificate: Certificate,
  role: 'leaf' | 'intermediate' | 'root',
  chain: readonly Certificate[],
  time: bigint,
): boolean {
  const { notBefore, notAfter, claims } = certificate;
  if (unhandledExtensions(certificate).length > 0) return false;
  if (time < notBefore.seconds * 1_000_000_000n || time > notAfter.seconds * 1_000_000_000n) return false;
  if (role === 'intermediate' && claims.basicConstraints?.isAuthority !== true) return false;
  const maximumPath = claims.basicConstraints?.maximumPath ?? -1;
  return maximumPath < 0 || chain.length - 1 <= maximumPath;
}

/** By subject, key and names rather than as a whole, since authorities sign each other. */
function isInChain(candidate: Certificate, chain: readonly Certificate[]): boolean {
  const names = namesOf(candidate);
  for (const certificate of chain) {
    const isSame =
      certificate.rawSubject.equals(candidate.rawSubject) &&
      certificate.rawPublicKey.equals(candidate.rawPublicKey);
    if (!isSame) continue;
    const others = namesOf(certificate);
    if (names === undefined || others === undefined) return names === others;
    if (names.equals(others)) return true;
  }
  return false;
}

function namesOf({ extensions }: Certificate): Buffer | undefined {
  return extensions.find(({ oid }) => oid === NAMES)?.value;
}

/** Whether one of the usages is left when each certificate that names any has taken away those it doesn't. */
function allowsUsage(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  const usages = wanted.length === 0 ? [SERVER_USAGE] : wanted;
  if (usages.includes(ANY_USAGE)) return true;
  return usages.some((usage) =>
    chain.every(({ claims: { extendedKeyUsage = [] } }) => {
      const own = extendedKeyUsage.map((oid) => EXTENDED_KEY_USAGES.get(oid));
      return own.length === 0 || own.includes(ANY_USAGE) || own.includes(usage);
    }),
  );
}

function distinct(certificates: readonly Certificate[]): Certificate[] {
  return [
    ...new Map(certificates.map((certificate) => [certificate.raw.toString('latin1'), certificate])).values(),
  ];
}
