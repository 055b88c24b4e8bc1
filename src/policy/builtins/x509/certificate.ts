import { BuiltinError } from '../builtin.js';
import { contextTag, DerReader, rightAligned, TAG } from './der.js';
import {
  type AlternativeNames,
  type Extension,
  type NameConstraints,
  type PolicyMapping,
  readAlternativeNames,
  readAuthorityAccess,
  readAuthorityKeyId,
  readBasicConstraints,
  readDistributionPoints,
  readExtension,
  readKeyUsage,
  readNameConstraints,
  readOids,
  readPolicies,
  readPolicyConstraints,
  readPolicyMappings,
} from './extensions.js';
import { type NameAttribute, readName } from './name.js';
import { KEY_ALGORITHM, type PublicKey, publicKeyOf, readPublicKeyInfo } from './public-key.js';
import { type SignatureAlgorithm, signatureAlgorithm } from './signature.js';
import { type CertificateTime, readTime } from './time.js';

/** A certificate of which every part that Go reads is well formed. */
export interface Certificate {
  readonly raw: Buffer;
  readonly rawToBeSigned: Buffer;
  readonly rawPublicKey: Buffer;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
  readonly signature: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly keyAlgorithm: string;
  /** Undefined where it is of no algorithm that certificates are read with. */
  readonly publicKey: PublicKey | undefined;
  readonly version: number;
  readonly serialNumber: bigint;
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  readonly notBefore: CertificateTime;
  readonly notAfter: CertificateTime;
  readonly extensions: readonly Extension[];
  readonly claims: Claims;
}

/** What a certificate's extensions say; what they don't speak of is absent. */
export interface Claims {
  readonly keyUsage?: number;
  readonly basicConstraints?: { readonly isAuthority: boolean; readonly maximumPath: number };
  readonly names?: AlternativeNames;
  readonly nameConstraints?: NameConstraints;
  readonly distributionPoints?: readonly string[];
  readonly authorityKeyId?: Buffer | undefined;
  readonly subjectKeyId?: Buffer;
  readonly policyConstraints?: { readonly explicit?: number; readonly inhibitMapping?: number };
  readonly extendedKeyUsage?: readonly string[];
  readonly policies?: readonly string[];
  readonly policyMappings?: readonly PolicyMapping[];
  readonly inhibitAnyPolicy?: number;
  readonly access?: { readonly responders: readonly string[]; readonly issuers: readonly string[] };
}

const NAMES = '2.5.29.17';
const NAME_CONSTRAINTS = '2.5.29.30';

/** How what an extension says is read; those that aren't here say nothing to anybody. */
const CLAIMS: Readonly<Record<string, (extension: Extension) => Claims>> = {
  '2.5.29.14': (extension) => ({ subjectKeyId: readSubjectKeyId(notCritical(extension)) }),
  '2.5.29.15': ({ value }) => ({ keyUsage: readKeyUsage(value) }),
  [NAMES]: ({ value }) => ({ names: readAlternativeNames(value) }),
  '2.5.29.19': ({ value }) => ({ basicConstraints: readBasicConstraints(value) }),
  [NAME_CONSTRAINTS]: (extension) => ({ nameConstraints: readNameConstraints(extension) }),
  '2.5.29.31': ({ value }) => ({ distributionPoints: readDistributionPoints(value) }),
  '2.5.29.32': ({ value }) => ({ policies: readPolicies(value) }),
  '2.5.29.33': ({ value }) => ({ policyMappings: readPolicyMappings(value) }),
  '2.5.29.35': (extension) => ({ authorityKeyId: readAuthorityKeyId(notCritical(extension)) }),
  '2.5.29.36': ({ value }) => ({ policyConstraints: readPolicyConstraints(value) }),
  '2.5.29.37': ({ value }) => ({ extendedKeyUsage: readOids(value) }),
  '2.5.29.54': ({ value }) => ({ inhibitAnyPolicy: new DerReader(value).smallInteger() }),
  '1.3.6.1.5.5.7.1.1': (extension) => ({ access: readAuthorityAccess(notCritical(extension)) }),
};

const READ_KEYS: readonly string[] = [
  KEY_ALGORITHM.rsa,
  KEY_ALGORITHM.dsa,
  KEY_ALGORITHM.ec,
  KEY_ALGORITHM.ed25519,
];

/**
 * Reads certificates that follow one another.
 *
 * @throws BuiltinError where Go's `x509.ParseCertificates` fails
 * Source: RFC 5280
 */
export function readCertificates(bytes: Buffer): Certificate[] {
  const certificates: Certificate[] = [];
  const reader = new DerReader(bytes);
  while (!reader.atEnd) certificates.push(readCertificate(reader));
  return certificates;
}

/** Reads one certificate, after which nothing follows. */
export function readOnlyCertificate(bytes: Buffer): Certificate {
  const reader = new DerReader(bytes);
  const certificate = readCertificate(reader);
  if (!reader.atEnd) throw new BuiltinError('trailing data after a certificate');
  return certificate;
}

/** An algorithm of keys, as Go counts them; 0 for those it doesn't read. */
export function keyAlgorithmNumber(oid: string): number {
  return READ_KEYS.indexOf(oid) + 1;
}

/** The key, where it is of an algorithm that certificates and requests are read with. */
export function knownKey(info: Parameters<typeof publicKeyOf>[0]): PublicKey | undefined {
  return keyAlgorithmNumber(info.algorithm) === 0 ? undefined : publicKeyOf(info);
}

/** The identifiers of critical extensions that nobody checks. */
export function unhandledExtensions({ extensions, claims }: Certificate): string[] {
  const handled = ({ oid }: Extension) => {
    if (oid === NAMES)
      return claims.names !== undefined && Object.values(claims.names).some(({ length }) => length > 0);
    if (oid === NAME_CONSTRAINTS) return claims.nameConstraints?.unhandled === false;
    return Object.hasOwn(CLAIMS, oid);
  };
  return extensions.filter((extension) => extension.critical && !handled(extension)).map(({ oid }) => oid);
}

function readCertificate(reader: DerReader): Certificate {
  const { raw, content } = reader.expect(TAG.sequence);
  const outer = new DerReader(content);
  const toBeSigned = outer.expect(TAG.sequence);
  const inner = new DerReader(toBeSigned.content);
  const version = readVersion(inner);
  const serialNumber = inner.integer();
  if (serialNumber < 0n) throw new BuiltinError('negative serial number');
  const algorithm = inner.expect(TAG.sequence).content;
  if (!outer.expect(TAG.sequence).content.equals(algorithm)) {
    throw new BuiltinError("inner and outer signature algorithm identifiers don't match");
  }
  const rawIssuer = inner.expect(TAG.sequence).raw;
  const validity = inner.inside(TAG.sequence);
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  const rawSubject = inner.expect(TAG.sequence).raw;
  const keyInfo = readPublicKeyInfo(inner);
  const extensions = readExtensions(inner, version);
  return {
    raw,
    rawToBeSigned: toBeSigned.raw,
    rawPublicKey: keyInfo.raw,
    rawSubject,
    rawIssuer,
    signature: rightAligned(outer.bitString()),
    signatureAlgorithm: signatureAlgorithm(algorithm),
    keyAlgorithm: keyInfo.algorithm,
    publicKey: knownKey(keyInfo),
    version,
    serialNumber,
    issuer: readName(rawIssuer),
    subject: readName(rawSubject),
    notBefore,
    notAfter,
    extensions,
    claims: claimsOf(extensions),
  };
}

function readVersion(reader: DerReader): number {
  const tag = contextTag(0, 'constructed');
  const version = reader.nextIs(tag) ? reader.inside(tag).smallInteger() : 0;
  if (version < 0 || version > 2) throw new BuiltinError('invalid version of a certificate');
  return version + 1;
}

function readExtensions(reader: DerReader, version: number): Extension[] {
  if (version > 1) {
    reader.optional(contextTag(1, 'primitive'));
    reader.optional(contextTag(2, 'primitive'));
  }
  const outer = version === 3 ? reader.optional(contextTag(3, 'constructed')) : undefined;
  if (outer === undefined) return [];
  const extensions = new Map<string, Extension>();
  const list = new DerReader(outer.content).inside(TAG.sequence);
  while (!list.atEnd) {
    const extension = readExtension(list);
    if (extensions.has(extension.oid)) throw new BuiltinError('certificate contains a duplicate extension');
    extensions.set(extension.oid, extension);
  }
  return [...extensions.values()];
}

function claimsOf(extensions: readonly Extension[]): Claims {
  return extensions.reduce<Claims>((claims, extension) => {
    const read = Object.hasOwn(CLAIMS, extension.oid) ? CLAIMS[extension.oid] : undefined;
    return read === undefined ? claims : Object.assign(claims, read(extension));
  }, {});
}

function notCritical({ oid, critical, value }: Extension): Buffer {
  if (critical) throw new BuiltinError(`extension ${oid} is incorrectly marked critical`);
  return value;
}

function readSubjectKeyId(value: Buffer): Buffer {
  return new DerReader(value).expect(TAG.octetString).content;
}
