import { isIP } from 'node:net';
import { BuiltinError } from '../builtin.js';
import { parseUrl, type Url } from '../go/url.js';
import { contextTag, DerReader, oidNumbers, TAG } from './der.js';
import { isDomain, readMailbox } from './domain.js';
import { ia5Text } from './name.js';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** What a certificate is for, beside its subject. */
export interface AlternativeNames {
  readonly domains: readonly string[];
  readonly emails: readonly string[];
  /** Of 4 or 16 bytes. */
  readonly addresses: readonly Buffer[];
  readonly uris: readonly Url[];
}

export interface AddressRange {
  readonly address: Buffer;
  readonly mask: Buffer;
}

/** The names that certificates below an authority may have, or must not have. */
export interface Subtrees {
  readonly domains: readonly string[];
  readonly ranges: readonly AddressRange[];
  readonly emails: readonly string[];
  readonly uriDomains: readonly string[];
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  readonly critical: boolean;
  /** Whether there are names of kinds that nobody checks. */
  readonly unhandled: boolean;
}

export interface PolicyMapping {
  readonly issuer: string;
  readonly subject: string;
}

const URI_TAG = contextTag(6, 'primitive');

export function readExtension(reader: DerReader): Extension {
  const extension = reader.inside(TAG.sequence);
  const oid = extension.oid();
  const critical = extension.nextIs(TAG.boolean) ? extension.boolean() : false;
  return { oid, critical, value: extension.expect(TAG.octetString).content };
}

/** @returns the bits as Go counts them, the first one least */
export function readKeyUsage(value: Buffer): number {
  const { bytes, unused } = new DerReader(value).bitString();
  let usage = 0;
  for (let bit = 0; bit < Math.min(9, bytes.length * 8 - unused); bit += 1) {
    const byte = bytes[bit >> 3] ?? 0;
    if ((byte & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit;
  }
  return usage;
}

/** @returns how many authorities may come below this one, -1 for any number */
export function readBasicConstraints(value: Buffer): { isAuthority: boolean; maximumPath: number } {
  const reader = new DerReader(value).inside(TAG.sequence);
  const isAuthority = reader.nextIs(TAG.boolean) ? reader.boolean() : false;
  if (!reader.nextIs(TAG.integer)) return { isAuthority, maximumPath: -1 };
  const maximumPath = reader.smallInteger();
  if (maximumPath < 0) throw new BuiltinError('invalid basic constraints');
  return { isAuthority, maximumPath };
}

/** Source: RFC 5280, section 4.2.1.6 */
export function readAlternativeNames(value: Buffer): AlternativeNames {
  const names = {
    domains: [] as string[],
    emails: [] as string[],
    addresses: [] as Buffer[],
    uris: [] as Url[],
  };
  const reader = new DerReader(value).inside(TAG.sequence);
  while (!reader.atEnd) {
    const { tag, content } = reader.element();
    if (tag === contextTag(1, 'primitive')) names.emails.push(ia5Text(content));
    else if (tag === contextTag(2, 'primitive')) names.domains.push(ia5Text(content));
    else if (tag === URI_TAG) names.uris.push(readUri(content));
    else if (tag === contextTag(7, 'primitive')) {
      if (content.length !== 4 && content.length !== 16)
        throw new BuiltinError('invalid IP address in a certificate');
      names.addresses.push(content);
    }
  }
  return names;
}

/** Source: RFC 5280, section 4.2.1.10 */
export function readNameConstraints({ value, critical }: Extension): NameConstraints {
  const outer = new DerReader(value);
  const reader = outer.inside(TAG.sequence);
  const permitted = reader.optional(contextTag(0, 'constructed'))?.content ?? Buffer.alloc(0);
  const excluded = reader.optional(contextTag(1, 'constructed'))?.content ?? Buffer.alloc(0);
  if (!outer.atEnd || !reader.atEnd || permitted.length + excluded.length === 0) {
    throw new BuiltinError('invalid NameConstraints extension');
  }
  const [allowed, denied] = [readSubtrees(permitted), readSubtrees(excluded)];
  return {
    permitted: allowed.subtrees,
    excluded: denied.subtrees,
    critical,
    unhandled: allowed.unhandled || denied.unhandled,
  };
}

/** Source: RFC 5280, section 4.2.1.13 */
export function readDistributionPoints(value: Buffer): string[] {
  const addresses: string[] = [];
  const points = new DerReader(value).inside(TAG.sequence);
  while (!points.atEnd) {
    const point = points.inside(TAG.sequence).optional(contextTag(0, 'constructed'));
    if (point === undefined) continue;
    const names = new DerReader(point.content).inside(contextTag(0, 'constructed'));
    while (names.nextIs(URI_TAG)) addresses.push(names.element().content.toString('latin1'));
  }
  return addresses;
}

export function readAuthorityKeyId(value: Buffer): Buffer | undefined {
  return new DerReader(value).inside(TAG.sequence).optional(contextTag(0, 'primitive'))?.content;
}

export function readOids(value: Buffer): string[] {
  const oids: string[] = [];
  const reader = new DerReader(value).inside(TAG.sequence);
  while (!reader.atEnd) oids.push(reader.oid());
  return oids;
}

/** Where revocation is asked for, and the issuer's certificate. Source: RFC 5280, section 4.2.2.1 */
export function readAuthorityAccess(value: Buffer): { responders: string[]; issuers: string[] } {
  const access = { responders: [] as string[], issuers: [] as string[] };
  const reader = new DerReader(value).inside(TAG.sequence);
  while (!reader.atEnd) {
    const description = reader.inside(TAG.sequence);
    const method = description.oid();
    if (!description.nextIs(URI_TAG)) continue;
    const address = description.element().content.toString('latin1');
    if (method === '1.3.6.1.5.5.7.48.1') access.responders.push(address);
    else if (method === '1.3.6.1.5.5.7.48.2') access.issuers.push(address);
  }
  return access;
}

export function readPolicies(value: Buffer): string[] {
  const policies = new Set<string>();
  const reader = new DerReader(value).inside(TAG.sequence);
  while (!reader.atEnd) {
    const policy = readPolicy(reader.inside(TAG.sequence));
    if (policies.has(policy)) throw new BuiltinError('invalid certificate policies');
    policies.add(policy);
  }
  return [...policies];
}

export function readPolicyMappings(value: Buffer): PolicyMapping[] {
  const mappings: PolicyMapping[] = [];
  const reader = new DerReader(value).inside(TAG.sequence);
  while (!reader.atEnd) {
    const mapping = reader.inside(TAG.sequence);
    mappings.push({ issuer: readPolicy(mapping), subject: readPolicy(mapping) });
  }
  return mappings;
}

/** Source: RFC 5280, section 4.2.1.11 */
export function readPolicyConstraints(value: Buffer): { explicit?: number; inhibitMapping?: number } {
  const reader = new DerReader(value).inside(TAG.sequence);
  const [explicitTag, mappingTag] = [contextTag(0, 'primitive'), contextTag(1, 'primitive')];
  return {
    ...(reader.nextIs(explicitTag) ? { explicit: reader.smallInteger(explicitTag) } : {}),
    ...(reader.nextIs(mappingTag) ? { inhibitMapping: reader.smallInteger(mappingTag) } : {}),
  };
}

/** A policy may have larger numbers than other identifiers. */
function readPolicy(reader: DerReader): string {
  return oidNumbers(reader.expect(TAG.oid).content).join('.');
}

function readUri(content: Buffer): Url {
  const uri = parseUrl(ia5Text(content));
  if (!isDomain(uri.host, 'name')) throw new BuiltinError('a URI in a certificate has an invalid domain');
  return uri;
}

function readSubtrees(content: Buffer): { subtrees: Subtrees; unhandled: boolean } {
  const subtrees = {
    domains: [] as string[],
    ranges: [] as AddressRange[],
    emails: [] as string[],
    uriDomains: [] as string[],
  };
  let unhandled = false;
  const reader = new DerReader(content);
  while (!reader.atEnd) {
    const { tag, content: value } = reader.inside(TAG.sequence).element();
    if (tag === contextTag(1, 'primitive')) subtrees.emails.push(mailConstraint(ia5Text(value)));
    else if (tag === contextTag(2, 'primitive')) subtrees.domains.push(domainConstraint(ia5Text(value)));
    else if (tag === URI_TAG) subtrees.uriDomains.push(uriConstraint(ia5Text(value)));
    else if (tag === contextTag(7, 'primitive')) subtrees.ranges.push(rangeConstraint(value));
    else unhandled = true;
  }
  return { subtrees, unhandled };
}

function domainConstraint(text: string): string {
  if (!isDomain(text, 'constraint')) throw new BuiltinError('invalid domain in name constraints');
  return text;
}

function mailConstraint(text: string): string {
  if (!text.includes('@')) return domainConstraint(text);
  if (readMailbox(text) === undefined) throw new BuiltinError('invalid address in name constraints');
  return text;
}

function uriConstraint(text: string): string {
  if (isIP(text) !== 0) throw new BuiltinError('an IP address in constraints of URIs');
  return domainConstraint(text);
}

function rangeConstraint(value: Buffer): AddressRange {
  if (value.length !== 8 && value.length !== 32) throw new BuiltinError('invalid range in name constraints');
  const mask = value.subarray(value.length / 2);
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  if (bits.includes('01')) throw new BuiltinError('invalid mask in name constraints');
  return { address: value.subarray(0, value.length / 2), mask };
}
