import { isIPv4, isIPv6 } from 'node:net';
import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, stringOperand } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/net, https://pkg.go.dev/net#ParseCIDR */
export const NETWORK = {
  'net.cidr_contains_matches': containsMatches,
  'net.cidr_expand': expand,
  'net.cidr_is_valid': (_evaluation, cidr) => typeof cidr === 'string' && networkOf(cidr) !== undefined,
  'net.cidr_merge': (_evaluation, networks) => merge(mergeable(networks)),
} satisfies BuiltinTable;

/** IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) is IPv4, as it is to Go. */
interface Address {
  readonly bits: 32 | 128;
  readonly number: bigint;
}

/** `ones` of an address' first bits are the network's. */
interface Network extends Address {
  readonly ones: number;
}

/** A run of addresses by their numbers as IPv6, and the network that it came from, unless it is of several. */
interface Run {
  readonly first: bigint;
  readonly last: bigint;
  readonly network?: Network;
}

const MAPPED = 0xffffn << 32n;
const MAPPED_LAST = MAPPED | 0xffffffffn;

function containsMatches(
  evaluation: Evaluation,
  cidrs: RegoValue | undefined,
  candidates: RegoValue | undefined,
): RegoSet {
  const matches: RegoValue[] = [];
  const outer = namedTerms(cidrs, 1);
  // What is not looked at has no errors: as in OPA, a bad network matches nothing where there is nothing to match.
  const inner = outer.length === 0 ? [] : namedTerms(candidates, 2).map(namedNetwork);
  inner.sort(([, left], [, right]) => left.bits - right.bits || order(left.number, right.number));
  for (const [name, text] of inner.length === 0 ? [] : outer) {
    const network = parseNetwork(stringOperand(text, 1));
    const last = lastNumber(network);
    for (let at = firstFrom(inner, network); at < inner.length; at += 1) {
      const [innerName, candidate] = inner[at] ?? [null, network];
      if (candidate.bits !== network.bits || candidate.number > last) break;
      evaluation.spend(1);
      if (candidate.ones >= network.ones) matches.push([name, innerName]);
    }
  }
  return RegoSet.of(matches);
}

type NamedNetwork = readonly [name: RegoValue, network: Network];

function namedNetwork([name, text]: readonly [RegoValue, RegoValue | undefined]): NamedNetwork {
  const address = addressOf(stringOperand(text, 1));
  return [
    name,
    address === undefined ? parseNetwork(stringOperand(text, 1)) : { ...address, ones: address.bits },
  ];
}

/** By bisection: the first of what is in order that does not begin before a network. */
function firstFrom(networks: readonly NamedNetwork[], { bits, number }: Network): number {
  let low = 0;
  let high = networks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = networks[middle]?.[1];
    if (candidate === undefined) break;
    if (candidate.bits < bits || (candidate.bits === bits && candidate.number < number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text of each network, and what it is called: by itself, its index, itself in a set, or its key. */
function namedTerms(
  value: RegoValue | undefined,
  operand: number,
): readonly (readonly [name: RegoValue, text: RegoValue | undefined])[] {
  const term = (item: RegoValue): RegoValue | undefined => {
    if (typeof item === 'string') return item;
    if (listOf(item) && item.length > 0) return item[0];
    throw new BuiltinError(`operand ${operand}: element must be string or non-empty array`);
  };
  if (typeof value === 'string') return [[value, value]];
  if (value instanceof RegoSet) return value.elements.map((element) => [element, term(element)]);
  if (value instanceof RegoObject) return value.entries.map(([key, item]) => [key, term(item)]);
  return listOf(value) ? value.map((item, index) => [index, term(item)]) : [];
}

function listOf(value: RegoValue | undefined): value is readonly RegoValue[] {
  return value !== undefined && value !== null && !isNumber(value) && isArray(value);
}

function expand(evaluation: Evaluation, cidr: RegoValue | undefined): RegoSet {
  const { bits, number, ones } = parseNetwork(stringOperand(cidr, 1));
  const count = Math.min(2 ** (bits - ones), 2 ** 48);
  // Each is some characters long.
  evaluation.spend(count * 16);
  return RegoSet.of(
    Array.from({ length: count }, (_, index) => addressText({ bits, number: number + BigInt(index) })),
  );
}

/** An address alone stands for its network of the days of classes, as in OPA. */
function mergeable(value: RegoValue | undefined): Network[] {
  const items = value instanceof RegoSet ? value.elements : value;
  if (!listOf(items)) throw new BuiltinError('operand must be an array');
  return items.map((item) => {
    if (typeof item !== 'string') throw new BuiltinError('element must be string');
    const address = addressOf(item);
    if (address === undefined) return parseNetwork(item);
    if (address.bits === 128) throw new BuiltinError('IPv6 invalid: needs prefix length');
    const firstByte = Number(address.number >> 24n);
    return { ...address, ones: firstByte < 0x80 ? 8 : firstByte < 0xc0 ? 16 : 24 };
  });
}

function merge(networks: readonly Network[]): RegoSet {
  const runs = networks.map(runOf).sort((a, b) => order(b.last, a.last) || order(b.first, a.first));
  const merged: Run[] = [];
  for (const run of runs) {
    const above = merged.at(-1);
    if (above !== undefined && before(above.first) <= run.last) {
      merged[merged.length - 1] = {
        first: run.first < above.first ? run.first : above.first,
        last: above.last,
      };
    } else merged.push(run);
  }
  return RegoSet.of(
    merged.flatMap((run) => (run.network === undefined ? coverOf(run) : [run.network])).map(networkText),
  );
}

function order(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function before(address: bigint): bigint {
  return address === 0n || address === MAPPED ? address : address - 1n;
}

function runOf(network: Network): Run {
  const whole = masked(network, network.ones);
  const start = network.bits === 32 ? MAPPED : 0n;
  return { first: start + whole.number, last: start + lastNumber(whole), network };
}

/** The fewest networks that have a run's addresses and no others. */
function coverOf({ first, last }: Run): Network[] {
  const bits = first >= MAPPED && last <= MAPPED_LAST ? 32 : 128;
  const networks: Network[] = [];
  for (let start = first; start <= last; ) {
    let hostBits = 0;
    while (hostBits < bits) {
      const next = 1n << BigInt(hostBits + 1);
      if (start % next !== 0n || start + next - 1n > last) break;
      hostBits += 1;
    }
    networks.push({ bits, number: BigInt.asUintN(bits, start), ones: bits - hostBits });
    start += 1n << BigInt(hostBits);
  }
  return networks;
}

function lastNumber({ bits, number, ones }: Network): bigint {
  return number + (1n << BigInt(bits - ones)) - 1n;
}

function parseNetwork(text: string): Network {
  const network = networkOf(text);
  if (network === undefined) throw new BuiltinError(`invalid CIDR address: ${text}`);
  return network;
}

/** Undefined where the text is no CIDR; bits behind the network's own are dropped. */
function networkOf(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const written = slash < 0 ? undefined : text.slice(0, slash);
  const address = written === undefined ? undefined : addressOf(written);
  const digits = text.slice(slash + 1);
  if (written === undefined || address === undefined || !/^[0-9]+$/.test(digits)) return undefined;
  const isIpv6 = written.includes(':');
  const ones = Number(digits);
  if (ones > (isIpv6 ? 128 : 32)) return undefined;
  if (!isIpv6 || address.bits === 128) return masked(address, ones);
  // IPv4 written as IPv6 stays IPv4 only where all that says so is part of the network.
  return ones >= 96
    ? masked(address, ones - 96)
    : masked({ bits: 128, number: MAPPED | address.number }, ones);
}

function masked({ bits, number }: Address, ones: number): Network {
  const hostBits = BigInt(bits - ones);
  return { bits, number: (number >> hostBits) << hostBits, ones };
}

/** Undefined where the text is no address. */
function addressOf(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, number: ipv4Number(text) };
  // A zone (`%eth0`) is no part of an address.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const number = ipv6Number(text);
  return number >> 32n === 0xffffn ? { bits: 32, number: BigInt.asUintN(32, number) } : { bits: 128, number };
}

function ipv4Number(text: string): bigint {
  return text.split('.').reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function ipv6Number(text: string): bigint {
  const hex = text.replace(/[0-9.]+\.[0-9]+$/, (ipv4) => {
    const number = ipv4Number(ipv4);
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const end = groups(tail ?? '');
  const start = groups(head);
  const zeros = Array.from({ length: 8 - start.length - end.length }, () => '0');
  return [...start, ...zeros, ...end].reduce((number, group) => (number << 16n) | BigInt(`0x${group}`), 0n);
}

function networkText(network: Network): string {
  return `${addressText(network)}/${network.ones}`;
}

/** Source: RFC 5952, section 4 */
function addressText({ bits, number }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return groups.join(':');
  const end = groups.slice(zeros.start + zeros.length).join(':');
  return `${groups.slice(0, zeros.start).join(':')}::${end}`;
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}
