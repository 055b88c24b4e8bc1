/** Writes to standard output: what a command was asked for. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes one JSON document to standard output, for scripts. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Writes to standard error: what a person may want to know meanwhile. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Rows as columns, for a person. Text of others' making is stripped of control characters, so that it cannot steer
 * the terminal.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = [header, ...rows.map((row) => row.map(visible))];
  const widths = header.map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text with its control characters, and what turns its direction or is drawn as nothing, shown as escapes. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
