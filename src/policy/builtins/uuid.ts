import { randomUUID } from 'node:crypto';
import { numberOf } from '../rego/number.js';
import { formatValue } from '../rego/text.js';
import { RegoObject, type RegoValue } from '../rego/value.js';
import { type Builtin, type BuiltinTable, stringOperand } from './builtin.js';

export const UUIDS = {
  'uuid.parse': parseUuid,
  'uuid.rfc4122': newUuid,
} satisfies BuiltinTable;

/** Between 1582-10-15, from which the time of a UUID counts, and 1970-01-01, in steps of 100 ns. */
const GREGORIAN_TO_UNIX = 122_192_928_000_000_000n;

/** A UUID of version 4, the same for the same operand within an evaluation. */
function newUuid(...[evaluation, label]: Parameters<Builtin>): string {
  return evaluation.remember(`uuid.rfc4122 ${formatValue(label ?? null)}`, randomUUID);
}

/** What a UUID says of itself, and nothing where the text is none. */
function parseUuid(...[, text]: Parameters<Builtin>): RegoObject | undefined {
  const bytes = bytesOfUuid(stringOperand(text, 1));
  if (bytes === undefined) return undefined;
  const version = bytes.readUInt8(6) >> 4;
  const facts: [string, RegoValue][] = [
    ['version', version],
    ['variant', variantName(bytes.readUInt8(8))],
  ];
  if (version === 1 || version === 2) facts.push(...timeAndNode(bytes));
  if (version === 2) {
    facts.push(['id', bytes.readUInt32BE(0)], ['domain', domainName(bytes.readUInt8(9))]);
  }
  return RegoObject.of(facts);
}

function timeAndNode(bytes: Buffer): [string, RegoValue][] {
  const ticks =
    BigInt(bytes.readUInt32BE(0)) |
    (BigInt(bytes.readUInt16BE(4)) << 32n) |
    (BigInt(bytes.readUInt16BE(6) & 0xfff) << 48n);
  const node = bytes.subarray(10);
  return [
    // Times far from now wrap around, as they do in OPA's 64 bits.
    ['time', numberOf(String(BigInt.asIntN(64, (ticks - GREGORIAN_TO_UNIX) * 100n)))],
    ['nodeid', [...node].map((byte) => byte.toString(16).padStart(2, '0')).join('-')],
    ['macvariables', addressKind(node.readUInt8(0))],
    ['clocksequence', bytes.readUInt16BE(8) & 0x3fff],
  ];
}

/**
 * Of the forms `x-x-x-x-x`, `urn:uuid:x-x-x-x-x`, any character around `x-x-x-x-x`, and 32 digits.
 *
 * Source: https://pkg.go.dev/github.com/google/uuid#Parse, which OPA uses
 */
function bytesOfUuid(text: string): Buffer | undefined {
  // One character for each byte, so that lengths and places are those of the UTF-8 text.
  const bytes = Buffer.from(text).toString('latin1');
  switch (bytes.length) {
    case 32:
      return bytesOfDigits(bytes);
    case 36:
      return bytesOfGroups(bytes);
    case 38:
      return bytesOfGroups(bytes.slice(1, -1));
    case 45:
      return bytes.slice(0, 9).toLowerCase() === 'urn:uuid:' ? bytesOfGroups(bytes.slice(9)) : undefined;
    default:
      return undefined;
  }
}

function bytesOfGroups(text: string): Buffer | undefined {
  const groups = text.split('-');
  if (groups.map((group) => group.length).join() !== '8,4,4,4,12') return undefined;
  return bytesOfDigits(groups.join(''));
}

function bytesOfDigits(digits: string): Buffer | undefined {
  return /^[0-9a-fA-F]{32}$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

/** Source: RFC 4122, section 4.1.1 */
function variantName(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122';
  if ((byte & 0xe0) === 0xc0) return 'Microsoft';
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved';
}

/** Source: RFC 7042, section 2.1 */
function addressKind(byte: number): string {
  return `${(byte & 2) === 0 ? 'global' : 'local'}:${(byte & 1) === 0 ? 'unicast' : 'multicast'}`;
}

function domainName(domain: number): string {
  return ['Person', 'Group', 'Org'][domain] ?? `Domain${domain}`;
}
