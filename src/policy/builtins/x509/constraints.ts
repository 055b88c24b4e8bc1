import { isIP } from 'node:net';
import type { Evaluation } from '../builtin.js';
import type { Url } from '../go/url.js';
import { shortest } from './address.js';
import type { Certificate } from './certificate.js';
import { isDomain, type Mailbox, readMailbox } from './domain.js';
import type { AddressRange, AlternativeNames, Subtrees } from './extensions.js';

/**
 * Whether every name of each certificate is one that those above it may give away.
 *
 * @param chain from the leaf to the root
 * Source: RFC 5280, section 4.2.1.10
 */
export function meetsNameConstraints(evaluation: Evaluation, chain: readonly Certificate[]): boolean {
  return chain.every(({ claims: { names } }, index) => {
    const constraints = chain.slice(index + 1).flatMap(({ claims }) => claims.nameConstraints ?? []);
    if (names === undefined || constraints.length === 0) return true;
    const read = readableNames(names);
    if (read === undefined) return false;
    return constraints.every(({ permitted, excluded }) => {
      evaluation.spend(nameCount(names) * (subtreeCount(permitted) + subtreeCount(excluded)));
      return areAllowed(read, permitted, excluded);
    });
  });
}

/** Names in the form in which constraints speak of them. */
interface ReadableNames {
  readonly domains: readonly string[];
  readonly addresses: readonly Buffer[];
  readonly hosts: readonly string[];
  readonly mailboxes: readonly Mailbox[];
}

function readableNames(names: AlternativeNames): ReadableNames | undefined {
  const hosts = names.uris.map(hostOf);
  const mailboxes = names.emails.map(readMailbox);
  if (hosts.includes(undefined) || mailboxes.includes(undefined)) return undefined;
  return {
    domains: names.domains,
    addresses: names.addresses,
    hosts: hosts.flatMap((host) => host ?? []),
    mailboxes: mailboxes.flatMap((mailbox) => mailbox ?? []),
  };
}

function areAllowed(names: ReadableNames, permitted: Subtrees, excluded: Subtrees): boolean {
  const allows = <Name, Constraint>(
    name: Name,
    allowed: readonly Constraint[],
    denied: readonly Constraint[],
    covers: (constraint: Constraint, name: Name, use: 'permitted' | 'excluded') => boolean,
  ) =>
    (allowed.length === 0 || allowed.some((constraint) => covers(constraint, name, 'permitted'))) &&
    !denied.some((constraint) => covers(constraint, name, 'excluded'));
  return (
    names.addresses.every((address) => allows(address, permitted.ranges, excluded.ranges, containsAddress)) &&
    names.domains.every(
      (domain) =>
        isDomain(domain, 'name') && allows(domain, permitted.domains, excluded.domains, containsDomain),
    ) &&
    names.hosts.every(
      (host) =>
        isDomain(host, 'name') && allows(host, permitted.uriDomains, excluded.uriDomains, containsDomain),
    ) &&
    names.mailboxes.every(
      (mailbox) =>
        isDomain(mailbox.domain, 'name') &&
        allows(mailbox, permitted.emails, excluded.emails, containsMailbox),
    )
  );
}

/** Undefined for a URI without a host, or of an address, of which no constraint can say anything. */
function hostOf(uri: Url): string | undefined {
  const { host } = uri;
  if (host === '' || host.startsWith('[')) return undefined;
  const [name = '', ...ports] = host.split(':');
  return ports.length > 1 || isIP(name) !== 0 ? undefined : name;
}

function containsAddress({ address, mask }: AddressRange, candidate: Buffer): boolean {
  if (candidate.length !== address.length) return false;
  const [range, bits, own] = [
    shortest(address),
    mask.subarray(-shortest(address).length),
    shortest(candidate),
  ];
  return (
    own.length === range.length &&
    own.every((byte, at) => (byte & (bits[at] ?? 0)) === ((range[at] ?? 0) & (bits[at] ?? 0)))
  );
}

/** A constraint with a dot in front is for domains below it alone. */
function containsDomain(constraint: string, domain: string, use: 'permitted' | 'excluded'): boolean {
  const wanted = constraint.toLowerCase();
  const name = domain.toLowerCase();
  if (wanted === '') return true;
  if (name === wanted || name.endsWith(wanted.startsWith('.') ? wanted : `.${wanted}`)) return true;
  // A wildcard is also for the one name below its parent that is excluded.
  const dot = wanted.indexOf('.');
  return (
    use === 'excluded' &&
    name.startsWith('*') &&
    dot >= 0 &&
    name.slice(name.indexOf('.')) === wanted.slice(dot)
  );
}

function containsMailbox(constraint: string, mailbox: Mailbox, use: 'permitted' | 'excluded'): boolean {
  if (!constraint.includes('@')) return containsDomain(constraint, mailbox.domain, use);
  const wanted = readMailbox(constraint);
  return wanted?.local === mailbox.local && wanted.domain.toLowerCase() === mailbox.domain.toLowerCase();
}

function nameCount({ domains, emails, addresses, uris }: AlternativeNames): number {
  return domains.length + emails.length + addresses.length + uris.length;
}

function subtreeCount({ domains, emails, ranges, uriDomains }: Subtrees): number {
  return domains.length + emails.length + ranges.length + uriDomains.length;
}
