import type { RegoValue } from '../../rego/value.js';
import { textOf } from '../go/text.js';
import { type Url, urlText } from '../go/url.js';
import { addressText } from './address.js';
import { type Certificate, keyAlgorithmNumber, unhandledExtensions } from './certificate.js';
import type { AddressRange, AlternativeNames, Extension, NameConstraints, Subtrees } from './extensions.js';
import { bigIntegerOf, bytesOf, listOf, objectOf, oidOf } from './fields.js';
import { EXTENDED_KEY_USAGES } from './key-usage.js';
import { nameValue } from './name.js';
import { publicKeyValue } from './public-key.js';

/**
 * As Go's encoding/json writes an `x509.Certificate`.
 *
 * Source: https://pkg.go.dev/crypto/x509#Certificate
 */
export function certificateFields(certificate: Certificate): Record<string, RegoValue> {
  const { claims } = certificate;
  const usages = claims.extendedKeyUsage ?? [];
  const known = usages.flatMap((oid) => EXTENDED_KEY_USAGES.get(oid) ?? []);
  const unknown = usages.filter((oid) => !EXTENDED_KEY_USAGES.has(oid));
  return {
    Raw: bytesOf(certificate.raw),
    RawTBSCertificate: bytesOf(certificate.rawToBeSigned),
    RawSubjectPublicKeyInfo: bytesOf(certificate.rawPublicKey),
    RawSubject: bytesOf(certificate.rawSubject),
    RawIssuer: bytesOf(certificate.rawIssuer),
    Signature: bytesOf(certificate.signature),
    SignatureAlgorithm: certificate.signatureAlgorithm.number,
    PublicKeyAlgorithm: keyAlgorithmNumber(certificate.keyAlgorithm),
    PublicKey: publicKeyValue(certificate.publicKey),
    Version: certificate.version,
    SerialNumber: bigIntegerOf(certificate.serialNumber),
    Issuer: nameValue(certificate.issuer),
    Subject: nameValue(certificate.subject),
    NotBefore: certificate.notBefore.text,
    NotAfter: certificate.notAfter.text,
    KeyUsage: claims.keyUsage ?? 0,
    Extensions: listOf(certificate.extensions.map(extensionValue)),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: listOf(unhandledExtensions(certificate).map(oidOf)),
    ExtKeyUsage: listOf(known),
    UnknownExtKeyUsage: listOf(unknown.map(oidOf)),
    BasicConstraintsValid: claims.basicConstraints !== undefined,
    IsCA: claims.basicConstraints?.isAuthority ?? false,
    MaxPathLen: claims.basicConstraints?.maximumPath ?? 0,
    MaxPathLenZero: claims.basicConstraints?.maximumPath === 0,
    SubjectKeyId: bytesOf(claims.subjectKeyId),
    AuthorityKeyId: bytesOf(claims.authorityKeyId),
    OCSPServer: textsOf(claims.access?.responders),
    IssuingCertificateURL: textsOf(claims.access?.issuers),
    CRLDistributionPoints: textsOf(claims.distributionPoints),
    ...namesFields(claims.names),
    ...constraintsFields(claims.nameConstraints),
    ...policyFields(claims),
  };
}

/** What certificates and requests are for, beside their subject. */
export function namesFields(names: AlternativeNames | undefined): Record<string, RegoValue> {
  return {
    DNSNames: listOf(names?.domains ?? []),
    EmailAddresses: listOf(names?.emails ?? []),
    IPAddresses: listOf((names?.addresses ?? []).map(addressText)),
    URIs: listOf((names?.uris ?? []).map(urlValue)),
  };
}

/** The field that OPA adds where a certificate has URIs. */
export function uriTexts(certificate: Certificate): RegoValue {
  return listOf((certificate.claims.names?.uris ?? []).map(urlText));
}

export function extensionValue({ oid, critical, value }: Extension): RegoValue {
  return objectOf({ Id: oidOf(oid), Critical: critical, Value: bytesOf(value) });
}

function constraintsFields(constraints: NameConstraints | undefined): Record<string, RegoValue> {
  return {
    PermittedDNSDomainsCritical: constraints?.critical ?? false,
    ...subtreesFields('Permitted', constraints?.permitted),
    ...subtreesFields('Excluded', constraints?.excluded),
  };
}

function subtreesFields(prefix: string, subtrees: Subtrees | undefined): Record<string, RegoValue> {
  return {
    [`${prefix}DNSDomains`]: listOf(subtrees?.domains ?? []),
    [`${prefix}IPRanges`]: listOf((subtrees?.ranges ?? []).map(rangeValue)),
    [`${prefix}EmailAddresses`]: listOf(subtrees?.emails ?? []),
    [`${prefix}URIDomains`]: listOf(subtrees?.uriDomains ?? []),
  };
}

function policyFields(claims: Certificate['claims']): Record<string, RegoValue> {
  const { policies, inhibitAnyPolicy } = claims;
  const { explicit, inhibitMapping } = claims.policyConstraints ?? {};
  const small = (policies ?? []).filter((oid) => oid.split('.').every((number) => Number(number) < 2 ** 31));
  const mappings = (claims.policyMappings ?? []).map(({ issuer, subject }) =>
    objectOf({ IssuerDomainPolicy: issuer, SubjectDomainPolicy: subject }),
  );
  return {
    PolicyIdentifiers: policies === undefined ? null : small.map(oidOf),
    Policies: listOf(policies ?? []),
    InhibitAnyPolicy: inhibitAnyPolicy ?? 0,
    InhibitAnyPolicyZero: inhibitAnyPolicy === 0,
    InhibitPolicyMapping: inhibitMapping ?? 0,
    InhibitPolicyMappingZero: inhibitMapping === 0,
    RequireExplicitPolicy: explicit ?? 0,
    RequireExplicitPolicyZero: explicit === 0,
    PolicyMappings: listOf(mappings),
  };
}

function rangeValue({ address, mask }: AddressRange): RegoValue {
  return objectOf({ IP: addressText(address), Mask: bytesOf(mask) });
}

function urlValue(url: Url): RegoValue {
  return objectOf({
    Scheme: url.scheme,
    Opaque: url.opaque,
    User: url.hasUser ? objectOf({}) : null,
    Host: url.host,
    Path: url.path,
    RawPath: url.rawPath,
    OmitHost: url.omitHost,
    ForceQuery: url.forceQuery,
    RawQuery: url.rawQuery,
    Fragment: url.fragment,
    RawFragment: url.rawFragment,
  });
}

/** Of addresses that needn't be ASCII. */
function textsOf(latin1: readonly string[] | undefined): RegoValue {
  return listOf((latin1 ?? []).map((text) => textOf(Buffer.from(text, 'latin1'))));
}
