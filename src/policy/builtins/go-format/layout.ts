/** What stands between the percent sign and the verb. */
export interface Layout {
  sharp: boolean;
  zero: boolean;
  plus: boolean;
  minus: boolean;
  space: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export function plainLayout(): Layout {
  return {
    sharp: false,
    zero: false,
    plus: false,
    minus: false,
    space: false,
    width: undefined,
    precision: undefined,
  };
}

/** Fills up to the width, on the left with zeros where the layout says so. */
export function pad(text: string, layout: Layout): string {
  const missing = (layout.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (layout.minus) return text + ' '.repeat(missing);
  return (layout.zero ? '0' : ' ').repeat(missing) + text;
}

export function truncate(text: string, { precision }: Layout): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}
