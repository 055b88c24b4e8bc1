import type { BinaryReader } from './binary.js';

export const LOOP = 0x03;
export const CALL = 0x10;
export const CALL_INDIRECT = 0x11;

/**
 * Passes over one instruction with what belongs to it and says which one it was. Knows WebAssembly 1.0, and of 2.0
 * what compilers to it use by default: sign extension, saturating conversion, bulk memory, reference types.
 *
 * @throws RangeError for any other instruction
 * Source: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export function skipInstruction(reader: BinaryReader): number {
  const opcode = reader.byte();
  if (opcode === 0xfc) skipPrefixed(reader);
  else {
    const skip = IMMEDIATES[opcode];
    if (skip === undefined) throw unknown(opcode);
    skip(reader);
  }
  return opcode;
}

type Skip = (reader: BinaryReader) => void;

const nothing: Skip = () => undefined;
const one: Skip = (reader) => reader.skipInteger();
const two: Skip = (reader) => {
  reader.skipInteger();
  reader.skipInteger();
};
const list: Skip = (reader) => {
  for (let left = reader.unsigned(); left > 0; left -= 1) reader.skipInteger();
};
const branches: Skip = (reader) => {
  list(reader);
  reader.skipInteger();
};
const bytes =
  (length: number): Skip =>
  (reader) =>
    void reader.take(length);

/** What follows each opcode, from the first to the last of a range. */
const RANGES: readonly (readonly [first: number, last: number, skip: Skip])[] = [
  [0x00, 0x01, nothing], // unreachable, nop
  [0x02, 0x04, one], // block, loop, if
  [0x05, 0x05, nothing], // else
  [0x0b, 0x0b, nothing], // end
  [0x0c, 0x0d, one], // br, br_if
  [0x0e, 0x0e, branches], // br_table
  [0x0f, 0x0f, nothing], // return
  [0x10, 0x10, one], // call
  [0x11, 0x11, two], // call_indirect
  [0x1a, 0x1b, nothing], // drop, select
  [0x1c, 0x1c, list], // select with a type
  [0x20, 0x26, one], // variables and tables
  [0x28, 0x3e, two], // loads and stores
  [0x3f, 0x42, one], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, bytes(4)], // f32.const
  [0x44, 0x44, bytes(8)], // f64.const
  [0x45, 0xc4, nothing], // arithmetic
  [0xd0, 0xd0, one], // ref.null
  [0xd1, 0xd1, nothing], // ref.is_null
  [0xd2, 0xd2, one], // ref.func
];

const IMMEDIATES: readonly (Skip | undefined)[] = Array.from(
  { length: 0x100 },
  (_, opcode) => RANGES.find(([first, last]) => opcode >= first && opcode <= last)?.[2],
);

function skipPrefixed(reader: BinaryReader): void {
  const operation = reader.unsigned();
  if (operation > 17) throw unknown(0xfc);
  // Conversions up to 7; then memory.init, data.drop, memory.copy, memory.fill, table.init, elem.drop, table.copy, …
  const immediates = [8, 10, 12, 14].includes(operation) ? 2 : operation > 7 ? 1 : 0;
  for (let left = immediates; left > 0; left -= 1) reader.skipInteger();
}

function unknown(opcode: number): RangeError {
  return new RangeError(`the WebAssembly has an instruction 0x${opcode.toString(16)} that is not known here`);
}
