import { BinaryReader, BinaryWriter, unsigned } from './binary.js';

/** The sections of a module, by what WebAssembly calls them. */
export const SECTION = {
  CUSTOM: 0,
  TYPE: 1,
  IMPORT: 2,
  FUNCTION: 3,
  GLOBAL: 6,
  EXPORT: 7,
  CODE: 10,
} as const;

const HEADER_BYTES = 8;

export interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

/** A module's sections in their order; views, not copies. */
export function sectionsOf(wasm: Uint8Array): Section[] {
  const reader = new BinaryReader(wasm, HEADER_BYTES);
  const sections: Section[] = [];
  while (reader.at < wasm.length) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.unsigned()) });
  }
  return sections;
}

/** A module of such sections. */
export function moduleOf(wasm: Uint8Array, sections: readonly Section[]): Uint8Array {
  const writer = new BinaryWriter(
    sections.reduce((sum, { content }) => sum + content.length + 6, HEADER_BYTES),
  );
  writer.bytes(wasm.subarray(0, HEADER_BYTES));
  for (const { id, content } of sections) {
    writer.bytes([id]);
    writer.unsigned(content.length);
    writer.bytes(content);
  }
  return writer.written;
}

/** A section that is a list, with further items at its end. */
export function appended(content: Uint8Array, items: readonly Uint8Array[]): Buffer {
  const reader = new BinaryReader(content);
  const count = reader.unsigned();
  return Buffer.concat([
    Uint8Array.from(unsigned(count + items.length)),
    content.subarray(reader.at),
    ...items,
  ]);
}

/** How many parameters each function of a module's own has, in their order. */
export function parameterCounts(sections: readonly Section[]): number[] {
  const types = sections.filter(({ id }) => id === SECTION.TYPE).flatMap(({ content }) => typesOf(content));
  return sections
    .filter(({ id }) => id === SECTION.FUNCTION)
    .flatMap(({ content }) => {
      const reader = new BinaryReader(content);
      return Array.from({ length: reader.unsigned() }, () => types[reader.unsigned()] ?? 0);
    });
}

/** The number of parameters of each type of function. */
function typesOf(content: Uint8Array): number[] {
  const reader = new BinaryReader(content);
  return Array.from({ length: reader.unsigned() }, () => {
    const form = reader.byte();
    if (form !== 0x60)
      throw new RangeError(`the WebAssembly has a type of a form ${form} that is not known here`);
    const parameters = reader.unsigned();
    reader.take(parameters);
    reader.take(reader.unsigned()); // results
    return parameters;
  });
}

/** What a module imports, in its order. */
export function importsOf(content: Uint8Array): { name: string; kind: number }[] {
  const reader = new BinaryReader(content);
  return Array.from({ length: reader.unsigned() }, () => {
    reader.take(reader.unsigned()); // the module that it is imported from
    const name = Buffer.from(reader.take(reader.unsigned())).toString('utf8');
    return { name, kind: skipImportType(reader) };
  });
}

export const KIND = { FUNCTION: 0x00, TABLE: 0x01, MEMORY: 0x02, GLOBAL: 0x03 } as const;

function skipImportType(reader: BinaryReader): number {
  const kind = reader.byte();
  switch (kind) {
    case KIND.FUNCTION:
      reader.skipInteger();
      return kind;
    case KIND.TABLE:
      reader.byte(); // of what
      skipLimits(reader);
      return kind;
    case KIND.MEMORY:
      skipLimits(reader);
      return kind;
    case KIND.GLOBAL:
      reader.take(2);
      return kind;
    default:
      throw new RangeError(`the WebAssembly imports something of a kind ${kind} that is not known here`);
  }
}

function skipLimits(reader: BinaryReader): void {
  const withMaximum = reader.byte() === 0x01;
  reader.skipInteger();
  if (withMaximum) reader.skipInteger();
}
