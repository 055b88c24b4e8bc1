/** What is wrong with a GraphQL document, and where. */
export class GraphqlFault extends Error {
  /** An offset into the document's text, where the fault has a place in it. */
  readonly position: number | undefined;

  constructor(message: string, position: number | undefined) {
    super(message);
    this.position = position;
  }
}

/** @returns a position as people count it, from 1, in code points; lines end with LF, CR or both */
export function lineAndColumn(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split(/\r\n|\n|\r/);
  const last = before.at(-1) ?? '';
  return { line: before.length, column: [...last].length + 1 };
}
