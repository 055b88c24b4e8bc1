/** The beginning of a text, of at most so many UTF-16 code units; an ellipsis says where it was cut. */
export function brief(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(beginning) ? beginning.slice(0, -1) : beginning}…`;
}
