import type { Correction, Sharing } from '../builtins/exact.js';
import { BinaryReader, BinaryWriter, signed, sized, unsigned } from './binary.js';
import { appended, importsOf, KIND, moduleOf, SECTION, type Section, sectionsOf } from './sections.js';

/** A correction's number among the built-ins that a policy calls: above those that OPA gives out itself. */
export function correctionNumber(index: number): number {
  return 1_000_000 + index;
}

/** Where one function is, and which one stands in for it. */
interface Replacement {
  /** Of the function, imported ones counted first, as WebAssembly counts. */
  readonly function: number;
  readonly correction: Correction;
  readonly number: number;
  /** The number under which the code that OPA compiled is from now on. */
  readonly moved: number;
}

/**
 * The same module, with functions that OPA compiled in corrected by the host's: each keeps its number, by which all others
 * call it, and its code goes to the end, for the new one to call. They are found by the names that OPA leaves in its
 * modules; one that is not there is not called either.
 */
export function corrected(wasm: Uint8Array, corrections: readonly Correction[]): Uint8Array {
  const sections = sectionsOf(wasm);
  const imports = sections.flatMap(({ id, content }) => (id === SECTION.IMPORT ? importsOf(content) : []));
  const imported = imports.filter(({ kind }) => kind === KIND.FUNCTION).map(({ name }) => name);
  const types = sections.find(({ id }) => id === SECTION.FUNCTION);
  const functions = types === undefined ? [] : list(types.content);
  const names = functionNames(sections);
  const replacements = corrections
    .map((correction, index) => ({
      correction,
      number: correctionNumber(index),
      at: names.get(correction.compiled),
    }))
    .filter((found): found is typeof found & { at: number } => found.at !== undefined)
    .map(({ at, ...found }, index) => ({
      ...found,
      function: at,
      moved: imported.length + functions.length + index,
    }));
  return moduleOf(
    wasm,
    sections.map((section) => replaced(section, replacements, imported, functions)),
  );
}

function replaced(
  { id, content }: Section,
  replacements: readonly Replacement[],
  imported: readonly string[],
  types: readonly number[],
): Section {
  if (id === SECTION.FUNCTION) {
    const moved = replacements.map((one) =>
      Uint8Array.from(unsigned(types[one.function - imported.length] ?? 0)),
    );
    return { id, content: appended(content, moved) };
  }
  if (id !== SECTION.CODE) return { id, content };
  return { id, content: replacedCode(content, replacements, imported) };
}

function replacedCode(
  content: Uint8Array,
  replacements: readonly Replacement[],
  imported: readonly string[],
): Uint8Array {
  const byFunction = new Map(replacements.map((one) => [one.function - imported.length, one]));
  const moved = new Map<Replacement, Uint8Array>();
  const reader = new BinaryReader(content);
  const writer = new BinaryWriter(content.length + 100 * (replacements.length + 1));
  const count = reader.unsigned();
  writer.unsigned(count + replacements.length);
  let copied = reader.at;
  for (let index = 0; index < count; index += 1) {
    const start = reader.at;
    const body = reader.take(reader.unsigned());
    const replacement = byFunction.get(index);
    if (replacement === undefined) continue;
    writer.bytes(content.subarray(copied, start));
    copied = reader.at;
    moved.set(replacement, body);
    const host = imported.indexOf(`opa_builtin${replacement.correction.operands}`);
    writer.bytes(sized(bodyOf(replacement, host)));
  }
  writer.bytes(content.subarray(copied));
  for (const one of replacements) writer.bytes(sized(moved.get(one) ?? []));
  return writer.written;
}

/** The new code of a function that takes and returns addresses. */
function bodyOf({ correction, number, moved }: Replacement, host: number): number[] {
  const operands = Array.from({ length: correction.operands }, (_, index) => [0x20, index]).flat();
  const compiled = [...operands, 0x10, ...unsigned(moved)];
  const byHost = [0x41, ...signed(number), 0x41, 0, ...operands, 0x10, ...unsigned(host)];
  return BODIES[correction.sharing](compiled, byHost, correction.operands);
}

/** The local variable behind the operands. */
const RETURN = 0x0f;
const END = 0x0b;

const BODIES: Readonly<Record<Sharing, (compiled: number[], host: number[], operands: number) => number[]>> =
  {
    // return host(…)
    host_only: (_compiled, host) => [0x00, ...host, END],
    // result = host(…); if (result == 0) result = compiled(…); return result
    host_first: (compiled, host, result) => [
      ...ONE_LOCAL,
      ...[...host, 0x22, result, 0x04, 0x40, 0x20, result, RETURN, END],
      ...[...compiled, END],
    ],
    // if (host(…) == 0) return 0; return compiled(…)
    if_host_agrees: (compiled, host) => [
      ...[0x00, ...host, 0x45, 0x04, 0x40, 0x41, 0, RETURN, END],
      ...[...compiled, END],
    ],
    // if (type(left) != number) return compiled(…); while all are small …; then as host_first
    beyond_small_integers: (compiled, host, result) => [
      ...ONE_LOCAL,
      ...[0x20, 0, 0x2d, 0, 0, 0x41, NUMBER, 0x47, 0x04, 0x40, ...compiled, RETURN, END],
      ...[0x02, 0x40, ...leaveUnlessSmall(0), ...leaveUnlessSmall(1)],
      ...[...compiled, 0x21, result, ...leaveUnlessSmall(result), 0x20, result, RETURN, END],
      ...[...host, 0x22, result, 0x04, 0x40, 0x20, result, RETURN, END],
      ...[...compiled, END],
    ],
  };

/** One group of locals: one, of type i32. */
const ONE_LOCAL = [0x01, 0x01, 0x7f];
/** OPA's value.h: a value starts with its type; a number goes on with its form and has its integer at byte 8. */
const NUMBER = 3;
const INTEGER = 1;
const TWO_53 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
const TWO_54 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];

/** Leaves the block around unless the value in a local is an integer of less than 2^53 either way. */
function leaveUnlessSmall(local: number): number[] {
  const value = [0x20, local];
  const leave = [0x0d, 0];
  return [
    ...[...value, 0x45, ...leave],
    ...[...value, 0x2d, 0, 0, 0x41, NUMBER, 0x47, ...leave],
    ...[...value, 0x2d, 0, 1, 0x41, INTEGER, 0x47, ...leave],
    ...[...value, 0x29, 0, 8, 0x42, ...TWO_53, 0x7c, 0x42, ...TWO_54, 0x5a, ...leave],
  ];
}

/** Functions by the names in the module's own custom section of names. */
function functionNames(sections: readonly Section[]): Map<string, number> {
  const names = new Map<string, number>();
  for (const { id, content } of sections) {
    if (id !== SECTION.CUSTOM) continue;
    const reader = new BinaryReader(content);
    if (text(reader) !== 'name') continue;
    while (reader.at < content.length) {
      const kind = reader.byte();
      const part = new BinaryReader(reader.take(reader.unsigned()));
      if (kind !== 1) continue;
      for (let left = part.unsigned(); left > 0; left -= 1) {
        const number = part.unsigned();
        names.set(text(part), number);
      }
    }
  }
  return names;
}

function text(reader: BinaryReader): string {
  return Buffer.from(reader.take(reader.unsigned())).toString('utf8');
}

function list(content: Uint8Array): number[] {
  const reader = new BinaryReader(content);
  return Array.from({ length: reader.unsigned() }, () => reader.unsigned());
}
