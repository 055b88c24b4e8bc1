import type { RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { textOf } from '../go/text.js';
import { type DerElement, DerReader, TAG } from './der.js';
import { listOf, objectOf, oidOf } from './fields.js';

/** One attribute of a distinguished name. */
export interface NameAttribute {
  readonly oid: string;
  /** Text in certificates; requests may hold anything. */
  readonly value: RegoValue;
}

const COMMON_NAME = '2.5.4.3';
const SERIAL_NUMBER = '2.5.4.5';

/** How strings are read, by their tags: UTF-8, digits, printable characters, T.61, ASCII and UCS-2. */
const STRINGS: Readonly<Record<number, (bytes: Buffer) => string>> = {
  12: utf8Text,
  18: matching(/^[0-9 ]*$/),
  // `*` and `&` aren't allowed, but common.
  19: matching(/^[A-Za-z0-9'()+,./:=? *&-]*$/),
  20: (bytes) => bytes.toString('latin1'),
  22: ia5Text,
  30: bmpText,
};

/**
 * Reads a distinguished name.
 *
 * @throws BuiltinError where it is malformed, or a value is of a kind or holds a character that Go doesn't take
 * Source: RFC 5280, section 4.1.2.4
 */
export function readName(
  bytes: Buffer,
  readValue: (element: DerElement) => RegoValue = stringIn,
): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const name = new DerReader(bytes).inside(TAG.sequence);
  while (!name.atEnd) {
    const set = name.inside(TAG.set);
    while (!set.atEnd) {
      const attribute = set.inside(TAG.sequence);
      const oid = attribute.oid();
      attributes.push({ oid, value: readValue(attribute.element()) });
    }
  }
  return attributes;
}

/** As Go's `pkix.Name`. */
export function nameValue(attributes: readonly NameAttribute[]): RegoValue {
  const values = (oid: string) =>
    attributes.flatMap(({ oid: own, value }) => (own === oid && typeof value === 'string' ? [value] : []));
  return objectOf({
    Country: listOf(values('2.5.4.6')),
    Organization: listOf(values('2.5.4.10')),
    OrganizationalUnit: listOf(values('2.5.4.11')),
    Locality: listOf(values('2.5.4.7')),
    Province: listOf(values('2.5.4.8')),
    StreetAddress: listOf(values('2.5.4.9')),
    PostalCode: listOf(values('2.5.4.17')),
    SerialNumber: values(SERIAL_NUMBER).at(-1) ?? '',
    CommonName: values(COMMON_NAME).at(-1) ?? '',
    Names: listOf(attributes.map(({ oid, value }) => objectOf({ Type: oidOf(oid), Value: value }))),
    ExtraNames: null,
  });
}

/** Text of ASCII characters alone. */
export function ia5Text(bytes: Buffer): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new BuiltinError('invalid IA5String');
  return bytes.toString('latin1');
}

export function isStringTag(tag: number): boolean {
  return Object.hasOwn(STRINGS, tag);
}

/** @throws BuiltinError where an element is no string of ASN.1, or has characters that such a string must not have */
export function stringIn({ tag, content }: DerElement): string {
  const read = STRINGS[tag];
  if (read === undefined) throw new BuiltinError('unsupported string type in a name');
  return read(content);
}

function utf8Text(bytes: Buffer): string {
  const text = textOf(bytes);
  if (Buffer.compare(Buffer.from(text), bytes) !== 0) throw new BuiltinError('invalid UTF-8 string');
  return text;
}

/** UCS-2 in big-endian bytes: no surrogates, and no code points that are no characters. */
function bmpText(bytes: Buffer): string {
  if (bytes.length % 2 !== 0) throw new BuiltinError('invalid BMPString');
  const units: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) units.push(bytes.readUInt16BE(at));
  if (units.at(-1) === 0) units.pop();
  const reserved = (unit: number) =>
    unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef) || (unit >= 0xd800 && unit <= 0xdfff);
  if (units.some(reserved)) throw new BuiltinError('invalid BMPString');
  return units.map((unit) => String.fromCharCode(unit)).join('');
}

function matching(pattern: RegExp): (bytes: Buffer) => string {
  return (bytes) => {
    const text = bytes.toString('latin1');
    if (!pattern.test(text)) throw new BuiltinError('a string in a name has characters it must not have');
    return text;
  };
}
