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
  switch (IMMEDIATES[opcode]) {
    case NOTHING:
      break;
    case TWO:
      reader.skipInteger();
      reader.skipInteger();
      break;
    case ONE:
      reader.skipInteger();
      break;
    case BRANCHES:
      skipList(reader);
      reader.skipInteger();
      break;
    case LIST:
      skipList(reader);
      break;
    case FOUR_BYTES:
      reader.skip(4);
      break;
    case EIGHT_BYTES:
      reader.skip(8);
      break;
    case PREFIXED:
      skipPrefixed(reader);
      break;
    default:
      throw unknown(opcode);
  }
  return opcode;
}

/** What follows an opcode. A policy has a hundred thousand instructions, so that this is numbers in a table. */
const [UNKNOWN, NOTHING, ONE, TWO, LIST, BRANCHES, FOUR_BYTES, EIGHT_BYTES, PREFIXED] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;

/** What follows each opcode, from the first to the last of a range. */
const RANGES: readonly (readonly [first: number, last: number, immediates: number])[] = [
  [0x00, 0x01, NOTHING], // unreachable, nop
  [0x02, 0x04, ONE], // block, loop, if
  [0x05, 0x05, NOTHING], // else
  [0x0b, 0x0b, NOTHING], // end
  [0x0c, 0x0d, ONE], // br, br_if
  [0x0e, 0x0e, BRANCHES], // br_table
  [0x0f, 0x0f, NOTHING], // return
  [0x10, 0x10, ONE], // call
  [0x11, 0x11, TWO], // call_indirect
  [0x1a, 0x1b, NOTHING], // drop, select
  [0x1c, 0x1c, LIST], // select with a type
  [0x20, 0x26, ONE], // variables and tables
  [0x28, 0x3e, TWO], // loads and stores
  [0x3f, 0x42, ONE], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, FOUR_BYTES], // f32.const
  [0x44, 0x44, EIGHT_BYTES], // f64.const
  [0x45, 0xc4, NOTHING], // arithmetic
  [0xd0, 0xd0, ONE], // ref.null
  [0xd1, 0xd1, NOTHING], // ref.is_null
  [0xd2, 0xd2, ONE], // ref.func
  [0xfc, 0xfc, PREFIXED],
];

const IMMEDIATES = new Uint8Array(0x100).fill(UNKNOWN);
for (const [first, last, immediates] of RANGES) IMMEDIATES.fill(immediates, first, last + 1);

function skipList(reader: BinaryReader): void {
  for (let left = reader.unsigned(); left > 0; left -= 1) reader.skipInteger();
}

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
