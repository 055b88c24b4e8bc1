/** Lines of equal text that are shown around each change. */
const CONTEXT = 3;
/** Comparing takes the product of both lengths: beyond this, all is said to have changed. */
const MOST_LINES = 400;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** What changed from one text to another, by lines, as in a unified diff: `-` for what is gone, `+` for what came. */
export function lineDifference(before: string, after: string): readonly string[] {
  const lines = compared(before.split('\n'), after.split('\n'));
  const near = new Set<number>();
  for (const [at, { sign }] of lines.entries())
    if (sign !== ' ') for (let by = -CONTEXT; by <= CONTEXT; by += 1) near.add(at + by);
  const shown: string[] = [];
  for (const [at, { sign, text }] of lines.entries()) {
    if (near.has(at)) shown.push(sign + text);
    else if (near.has(at - 1)) shown.push('…');
  }
  return shown;
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length > MOST_LINES || after.length > MOST_LINES)
    return [...before.map((text) => line('-', text)), ...after.map((text) => line('+', text))];
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let one = 0;
  let other = 0;
  while (one < before.length || other < after.length) {
    const gone = before[one];
    const came = after[other];
    if (gone !== undefined && gone === came) {
      lines.push(line(' ', gone));
      one += 1;
      other += 1;
    } else if (
      gone !== undefined &&
      (came === undefined || at(common, one + 1, other) >= at(common, one, other + 1))
    ) {
      lines.push(line('-', gone));
      one += 1;
    } else {
      lines.push(line('+', came ?? ''));
      other += 1;
    }
  }
  return lines;
}

/** How many lines are common to what follows each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let one = before.length - 1; one >= 0; one -= 1) {
    const row = lengths[one] ?? [];
    for (let other = after.length - 1; other >= 0; other -= 1)
      row[other] =
        before[one] === after[other]
          ? at(lengths, one + 1, other + 1) + 1
          : Math.max(at(lengths, one + 1, other), at(lengths, one, other + 1));
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], one: number, other: number): number {
  return lengths[one]?.[other] ?? 0;
}

function line(sign: Line['sign'], text: string): Line {
  return { sign, text };
}
