import ipaddr from 'ipaddr.js';
import type { UrlFacts } from '../domain/index.js';

const MOST_CHARACTERS = 8_192;
/** What a browser leaves out and another reader may not (WHATWG URL, 4.4). */
const LEFT_OUT = /[\t\n\r]|^[\0-\x20]|[\0-\x20]$/;

const UNREADABLE: UrlFacts = {
  readable: false,
  scheme: null,
  host: null,
  port: null,
  path: null,
  has_credentials: false,
  network: null,
};

/** Where clouds tell a machine its own keys. */
const METADATA_ADDRESSES = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.169.253',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
]);
const METADATA_NAMES = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'metadata',
  'instance-data',
  'instance-data.ec2.internal',
]);
/** Names that are this machine's by definition (RFC 6761), or as `/etc/hosts` has them. */
const LOOPBACK_NAME = /^(?:.*\.)?localhost$|^localhost\.localdomain$|^ip6-(?:localhost|loopback)$/;
/** Services that make an address of any name that spells it: `10.0.0.1.nip.io`. */
const SPELLED =
  /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](?:nip\.io|sslip\.io|xip\.io)$/;

const NETWORKS: Readonly<Record<string, NonNullable<UrlFacts['network']>>> = {
  unicast: 'public',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  loopback: 'loopback',
  unspecified: 'loopback',
  linkLocal: 'link_local',
};

/**
 * Reads an address as browsers and Node's fetch do (WHATWG URL).
 *
 * @param text - undefined where the argument is no string
 */
export function readUrl(text: string | undefined): UrlFacts {
  if (text === undefined || text.length > MOST_CHARACTERS || LEFT_OUT.test(text) || !URL.canParse(text))
    return UNREADABLE;
  const { protocol, hostname, port, pathname, username, password } = new URL(text);
  const scheme = protocol.slice(0, -1);
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return {
    // A backslash is a slash to a browser, and part of the user's name to others: they go to different hosts.
    readable: !text.includes('\\'),
    scheme,
    host: host === '' ? null : host,
    port: port === '' ? null : Number(port),
    path: pathname,
    has_credentials: username !== '' || password !== '',
    network: host === '' ? null : networkOf(host),
  };
}

function networkOf(host: string): UrlFacts['network'] {
  const name = host.toLowerCase();
  if (METADATA_NAMES.has(name) || METADATA_ADDRESSES.has(name)) return 'metadata';
  if (ipaddr.isValid(name)) return networkOfAddress(ipaddr.parse(name));
  if (LOOPBACK_NAME.test(name)) return 'loopback';
  const spelled = SPELLED.exec(name);
  if (spelled !== null && ipaddr.IPv4.isValid(spelled.slice(1).join('.')))
    return networkOf(spelled.slice(1).join('.'));
  return 'name';
}

function networkOfAddress(address: ipaddr.IPv4 | ipaddr.IPv6): UrlFacts['network'] {
  const inner = address.kind() === 'ipv6' ? embedded(ipaddr.IPv6.parse(address.toString())) : undefined;
  if (inner !== undefined) return networkOf(inner);
  return NETWORKS[address.range()] ?? 'reserved';
}

/** The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056). */
function embedded(address: ipaddr.IPv6): string | undefined {
  const bytes = address.toByteArray();
  const range = address.range();
  const at =
    range === '6to4'
      ? 2
      : range === 'ipv4Mapped' || range === 'rfc6052' || isCompatible(bytes)
        ? 12
        : undefined;
  return at === undefined ? undefined : bytes.slice(at, at + 4).join('.');
}

/** `::10.0.0.1` (RFC 4291, 2.5.5.1), but not `::` and `::1`. */
function isCompatible(bytes: readonly number[]): boolean {
  return bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12, 15).some((byte) => byte !== 0);
}
