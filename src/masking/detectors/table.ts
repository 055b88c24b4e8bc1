/** How much of a text's first line may be the head of a table. */
const MAX_HEAD = 2_000;
const QUOTE = 0x22;
const LINE_END = 0x0a;
const DELIMITERS = [',', ';', '\t', '|'];

/** A text of separated values whose first line names the columns, at least one of them with a telling name. */
export interface Table {
  /** Where its second line begins. */
  readonly body: number;
  /** Whether an offset is in such a column. Asked from the left to the right: the text is gone through once. */
  isInColumn(offset: number): boolean;
}

/** Reads a text as a table, or undefined if it is none or no column's name tells. */
export function tableOf(text: string, tells: (name: string) => boolean): Table | undefined {
  const line = text.slice(0, MAX_HEAD).split('\n', 1)[0] ?? '';
  const body = line.length + 1;
  const delimiter = DELIMITERS.find((sign) => line.includes(sign));
  if (delimiter === undefined || body > Math.min(text.length, MAX_HEAD)) return undefined;
  const columns = new Set<number>();
  line.split(delimiter).forEach((name, index) => {
    if (tells(name)) columns.add(index);
  });
  if (columns.size === 0) return undefined;

  let cursor = body;
  let column = 0;
  let isQuoted = false;
  return {
    body,
    isInColumn: (offset) => {
      for (; cursor < offset; cursor++) {
        const unit = text.charCodeAt(cursor);
        if (unit === QUOTE) isQuoted = !isQuoted;
        else if (unit === LINE_END) {
          column = 0;
          isQuoted = false;
        } else if (unit === delimiter.charCodeAt(0) && !isQuoted) column += 1;
      }
      return columns.has(column);
    },
  };
}
