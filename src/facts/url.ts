import ipaddr from 'ipaddr.js';
import type { UrlFacts } from '../domain/index.js';

const MOST_CHARACTERS = 8_192;
/**
 * An address whose host stands between two slashes and the next mark (RFC 3986). Of all others a browser makes a host that other
 * readers do not see there: of `https:host`, `https:///host`, `https://a@b@c`.
 */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]*@)?[^/?#@]+(?:[/?#]|$)/i;
const SPECIAL = new Set(['http', 'https', 'ws', 'wss', 'ftp']);
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
  '192.0.0.192',
  '169.254.0.23',
  'fd00:ec2::254',
]);
const METADATA_NAMES = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata',
  'instance-data',
  'instance-data.ec2.internal',
]);
/** Names that are this machine's by definition (RFC 6761), or as `/etc/hosts` has them. */
const LOOPBACK_NAME = /^(?:.*\.)?localhost$|^localhost\.localdomain$|^ip6-(?:localhost|loopback)$/;
/** Public names, and all below them, that lead to this machine. */
const LEADING_BACK =
  /(?:^|\.)(?:localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|local\.gd|localho\.st|fbi\.com)$/;
/** Names without a domain, and below domains that are no public ones (RFC 6762, RFC 8375, and what ICANN keeps for this). */
const PRIVATE_NAME =
  /^[^.]*$|\.(?:internal|local|localdomain|lan|home|corp|intranet|private|svc|home\.arpa)$/;
/** Services that make an address of any name that spells it, as `10.0.0.1.nip.io`, `app-0a000001.nip.io` or `--1.sslip.io`. */
const SPELLING = /[.-](?:nip\.io|sslip\.io|xip\.io|traefik\.me)$/;
const SPELLED = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})$/;

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
    readable: !text.includes('\\') && (host === '' || AUTHORITY.test(text)),
    scheme,
    host: host === '' ? null : host,
    port: port === '' ? null : Number(port),
    path: pathname,
    has_credentials: username !== '' || password !== '' || (AUTHORITY.exec(text)?.[1] ?? '') !== '',
    network: host === '' ? null : networkOf(SPECIAL.has(scheme) ? host : asSpecial(host)),
  };
}

/** Of other schemes a host stays as it is written; whoever connects still takes `0x7f.1` for an address. */
function asSpecial(host: string): string {
  const text = `http://${host.includes(':') ? `[${host}]` : host}`;
  return URL.canParse(text) ? new URL(text).hostname.replace(/^\[|\]$/g, '') : 'localhost';
}

function networkOf(host: string): UrlFacts['network'] {
  const name = host.toLowerCase();
  if (METADATA_NAMES.has(name) || METADATA_ADDRESSES.has(name)) return 'metadata';
  if (ipaddr.isValid(name)) return networkOfAddress(ipaddr.parse(name));
  if (LOOPBACK_NAME.test(name) || LEADING_BACK.test(name)) return 'loopback';
  if (SPELLING.test(name)) return networkOfSpelled(name.replace(SPELLING, ''));
  return PRIVATE_NAME.test(name) ? 'private' : 'name';
}

/** What cannot be made out may be any address. */
function networkOfSpelled(name: string): UrlFacts['network'] {
  const decimal = SPELLED.exec(name)?.slice(1).join('.');
  if (decimal !== undefined && ipaddr.IPv4.isValid(decimal)) return networkOf(decimal);
  const hex = /(?:^|[.-])([0-9a-f]{8})$/.exec(name)?.[1];
  if (hex !== undefined) return networkOf(Buffer.from(hex, 'hex').join('.'));
  const six = (name.split('.').at(-1) ?? '').replaceAll('-', ':');
  return ipaddr.IPv6.isValid(six) ? networkOf(six) : 'reserved';
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
