import { BinaryReader, BinaryWriter, signed, sized, unsigned } from './binary.js';
import { CALL, CALL_INDIRECT, LOOP, skipInstruction } from './instructions.js';
import {
  appended,
  importsOf,
  KIND,
  moduleOf,
  parameterCounts,
  SECTION,
  type Section,
  sectionsOf,
} from './sections.js';

/** The global that {@link metered} adds: how many steps may still be done, a 64-bit integer. */
export const FUEL = 'regate_fuel';

const I32 = 0x7f;
const I64 = 0x7e;
const MUTABLE = 0x01;
/** A group of local variables: one. */
const ONE_I32 = Uint8Array.of(0x01, I32);
/** 2^62 in signed LEB128: what a module's own start, which runs before anything can be filled in, may do. */
const PLENTY = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0x00];

/**
 * A module that can be interrupted: the same code, which counts down an exported global at the start of every
 * function that calls others and every so many turns of a loop, and traps when it falls below zero. There is no other way to do work
 * without bound in WebAssembly, and no other way to stop it from its own thread.
 *
 * @param wasm a valid module, as `WebAssembly.validate` has it: else what is added here could complete it
 * @throws RangeError if the module uses what is not known here
 */
export function metered(wasm: Uint8Array): Uint8Array {
  const sections = sectionsOf(wasm);
  const fuel = globalCount(sections);
  const parameters = parameterCounts(sections);
  return moduleOf(
    wasm,
    sections.map((section) => ({ id: section.id, content: rewritten(section, fuel, parameters) })),
  );
}

/** How many globals there are, which is the number of the next one. */
function globalCount(sections: readonly Section[]): number {
  let count = 0;
  for (const { id, content } of sections) {
    if (id === SECTION.IMPORT) count += importsOf(content).filter(({ kind }) => kind === KIND.GLOBAL).length;
    if (id === SECTION.GLOBAL) count += new BinaryReader(content).unsigned();
  }
  return count;
}

function rewritten({ id, content }: Section, fuel: number, parameters: readonly number[]): Uint8Array {
  switch (id) {
    case SECTION.GLOBAL:
      return appended(content, [Uint8Array.of(I64, MUTABLE, 0x42, ...PLENTY, 0x0b)]);
    case SECTION.EXPORT:
      return appended(content, [
        Buffer.concat([sized(Buffer.from(FUEL)), Uint8Array.of(KIND.GLOBAL, ...unsigned(fuel))]),
      ]);
    case SECTION.CODE:
      return meteredCode(content, fuel, parameters);
    default:
      return content;
  }
}

/** Turns of a loop between two looks at the fuel; a power of two. What one call does in fewer is not counted. */
const TURNS = 16;
/** What the call of a function that calls others counts for. */
const CALL_STEPS = 8;

/** `fuel -= steps; if (fuel < 0) unreachable` */
function spend(fuel: number, steps: number): number[] {
  const global = unsigned(fuel);
  const get = [0x23, ...global];
  const decrement = [...get, 0x42, ...signed(steps), 0x7d, 0x24, ...global];
  return [...decrement, ...get, 0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b];
}

/** `turns += 1; if (turns % TURNS == 0) spend`: what is counted in a local variable is counted in a register. */
function turn(fuel: number, local: number): number[] {
  const turns = unsigned(local);
  const count = [0x20, ...turns, 0x41, 0x01, 0x6a, 0x22, ...turns];
  return [...count, 0x41, ...signed(TURNS - 1), 0x71, 0x45, 0x04, 0x40, ...spend(fuel, TURNS), 0x0b];
}

function meteredCode(content: Uint8Array, fuel: number, parameters: readonly number[]): Uint8Array {
  const reader = new BinaryReader(content);
  // What is added is about an eighth.
  const writer = new BinaryWriter(Math.ceil(content.length * 1.25));
  const count = reader.unsigned();
  writer.unsigned(count);
  const atStart = Uint8Array.from(spend(fuel, CALL_STEPS));
  const inLoops = new Map<number, Uint8Array>();
  const inLoop = (local: number) => {
    const known = inLoops.get(local) ?? Uint8Array.from(turn(fuel, local));
    inLoops.set(local, known);
    return known;
  };
  for (let index = 0; index < count; index += 1) {
    const body = bodyAt(reader, parameters[index] ?? 0);
    writeMetered(writer, content, body, atStart, inLoop(body.turns));
  }
  return writer.written;
}

/** Where the parts of a function's body begin and end. */
interface Body {
  /** Groups of local variables, and where they stand. */
  readonly groups: number;
  readonly groupsStart: number;
  /** The number of the local variable that is added. */
  readonly turns: number;
  readonly start: number;
  readonly end: number;
  readonly calls: boolean;
  /** Where loops' bodies begin. */
  readonly loops: readonly number[];
}

function bodyAt(reader: BinaryReader, parameters: number): Body {
  const end = reader.unsigned() + reader.at;
  const groups = reader.unsigned();
  const groupsStart = reader.at;
  let turns = parameters;
  for (let left = groups; left > 0; left -= 1) {
    turns += reader.unsigned(); // how many locals
    reader.byte(); // of which type
  }
  const start = reader.at;
  const loops: number[] = [];
  let calls = false;
  while (reader.at < end) {
    const instruction = skipInstruction(reader);
    if (instruction === LOOP) loops.push(reader.at);
    else if (instruction === CALL || instruction === CALL_INDIRECT) calls = true;
  }
  if (reader.at > end) throw new RangeError('an instruction of the WebAssembly goes beyond its function');
  return { groups, groupsStart, turns, start, end, calls, loops };
}

function writeMetered(
  writer: BinaryWriter,
  content: Uint8Array,
  { groups, groupsStart, start, end, calls, loops }: Body,
  atStart: Uint8Array,
  inLoop: Uint8Array,
): void {
  // What calls nothing is called by what is counted, and does little between two turns of a loop.
  const added = (calls ? atStart.length : 0) + loops.length * inLoop.length;
  const groupCount = unsigned(groups + 1);
  writer.unsigned(groupCount.length + (end - groupsStart) + ONE_I32.length + added);
  writer.bytes(groupCount);
  writer.bytes(content.subarray(groupsStart, start));
  writer.bytes(ONE_I32);
  if (calls) writer.bytes(atStart);
  let copied = start;
  for (const loop of loops) {
    writer.bytes(content.subarray(copied, loop));
    writer.bytes(inLoop);
    copied = loop;
  }
  writer.bytes(content.subarray(copied, end));
}
