import { BinaryReader, signed, sized, unsigned } from './binary.js';
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
export function metered(wasm: Uint8Array): Buffer {
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

function meteredCode(content: Uint8Array, fuel: number, parameters: readonly number[]): Buffer {
  const reader = new BinaryReader(content);
  const count = reader.unsigned();
  const pieces: Uint8Array[] = [Uint8Array.from(unsigned(count))];
  for (let index = 0; index < count; index += 1) {
    pieces.push(sized(meteredBody(reader.take(reader.unsigned()), fuel, parameters[index] ?? 0)));
  }
  return Buffer.concat(pieces);
}

function meteredBody(body: Uint8Array, fuel: number, parameters: number): Buffer {
  const reader = new BinaryReader(body);
  const groups = reader.unsigned();
  const groupsStart = reader.at;
  let turns = parameters;
  for (let left = groups; left > 0; left -= 1) {
    turns += reader.unsigned(); // how many locals
    reader.byte(); // of which type
  }
  const locals = [...unsigned(groups + 1), ...body.subarray(groupsStart, reader.at), 0x01, I32];
  const inLoop = Uint8Array.from(turn(fuel, turns));
  const code: Uint8Array[] = [];
  let copied = reader.at;
  let calls = false;
  while (reader.at < body.length) {
    const instruction = skipInstruction(reader);
    calls ||= instruction === CALL || instruction === CALL_INDIRECT;
    if (instruction !== LOOP) continue;
    code.push(body.subarray(copied, reader.at), inLoop);
    copied = reader.at;
  }
  code.push(body.subarray(copied));
  // What calls nothing is called by what is counted, and does little between two turns of a loop.
  return Buffer.concat([Uint8Array.from([...locals, ...(calls ? spend(fuel, CALL_STEPS) : [])]), ...code]);
}
