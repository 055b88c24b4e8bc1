import { BuiltinError, type BuiltinTable, stringOperand } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/semver, https://semver.org/#spec-item-11 */
export const SEMVER = {
  'semver.compare': (_evaluation, left, right) =>
    compareVersions(versionOperand(left, 1), versionOperand(right, 2)),
  'semver.is_valid': (_evaluation, text) => typeof text === 'string' && parseVersion(text) !== undefined,
} satisfies BuiltinTable;

interface Version {
  readonly core: readonly bigint[];
  readonly preRelease: readonly string[];
}

const IDENTIFIERS = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/;
const NUMERIC = /^(?:0|[1-9][0-9]*)$/;
const DIGITS = /^[0-9]+$/;
const MAX_INT64 = 2n ** 63n - 1n;

function versionOperand(value: Parameters<typeof stringOperand>[0], position: number): Version {
  const text = stringOperand(value, position);
  const version = parseVersion(text);
  if (version === undefined)
    throw new BuiltinError(`operand ${position}: string ${text} is not a valid SemVer`);
  return version;
}

/** OPA takes one `v` before a version, and numbers of 63 bits. */
function parseVersion(text: string): Version | undefined {
  const [withoutMetadata, metadata] = cut(text.startsWith('v') ? text.slice(1) : text, '+');
  if (metadata !== undefined && !IDENTIFIERS.test(metadata)) return undefined;
  const [numbers, suffix] = cut(withoutMetadata, '-');
  if (suffix !== undefined && !IDENTIFIERS.test(suffix)) return undefined;
  const preRelease = suffix?.split('.') ?? [];
  if (preRelease.some((identifier) => DIGITS.test(identifier) && !NUMERIC.test(identifier))) return undefined;
  const core = numbers.split('.');
  if (core.length !== 3 || !core.every((number) => NUMERIC.test(number) && number.length <= 19))
    return undefined;
  const values = core.map(BigInt);
  return values.every((value) => value <= MAX_INT64) ? { core: values, preRelease } : undefined;
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function compareVersions(left: Version, right: Version): number {
  for (const [index, value] of left.core.entries()) {
    const order = compare(value, right.core[index] ?? 0n);
    if (order !== 0) return order;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return (
      compare(right.preRelease.length, left.preRelease.length) && (left.preRelease.length === 0 ? 1 : -1)
    );
  }
  return comparePreReleases(left.preRelease, right.preRelease);
}

function comparePreReleases(left: readonly string[], right: readonly string[]): number {
  for (const [index, identifier] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return compare(left.length, right.length);
}

function compareIdentifiers(left: string, right: string): number {
  const numbers = [DIGITS.test(left), DIGITS.test(right)];
  if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
  return numbers[0] ? compare(clamped(left), clamped(right)) : compare(left, right);
}

/** OPA knows no numbers beyond 63 bits: they are all the same to it. */
function clamped(digits: string): bigint {
  const value = digits.length > 19 ? MAX_INT64 : BigInt(digits);
  return value < MAX_INT64 ? value : MAX_INT64;
}

function compare<Item extends bigint | number | string>(left: Item, right: Item): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
