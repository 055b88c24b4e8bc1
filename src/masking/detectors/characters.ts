/** Whether a UTF-16 unit is an ASCII digit; `NaN`, which is what stands beside a text, is none. */
export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Whether a UTF-16 unit is an ASCII letter. */
export function isLetter(unit: number): boolean {
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Whether a UTF-16 unit is an ASCII letter or digit. */
export function isLetterOrDigit(unit: number): boolean {
  return isDigit(unit) || isLetter(unit);
}

/** A set of ASCII characters, by their codes. */
export function asciiSet(characters: string): (unit: number) => boolean {
  const members = new Uint8Array(0x80);
  for (const character of characters) members[character.charCodeAt(0)] = 1;
  return (unit) => unit < 0x80 && members[unit] === 1;
}

/**
 * Whether the digit at an offset stands alone and follows another one that does: `4 4 4`. A number that is written so begins
 * with the first of them, and reading on from each would take the length of the number times that of the row.
 */
export function followsSingleDigit(
  text: string,
  offset: number,
  isSeparator: (unit: number) => boolean,
  mostSeparators: number,
): boolean {
  if (!isSeparator(text.charCodeAt(offset + 1))) return false;
  let before = offset - 1;
  while (offset - before <= mostSeparators && isSeparator(text.charCodeAt(before))) before -= 1;
  if (before === offset - 1 || !isDigit(text.charCodeAt(before))) return false;
  return isSeparator(text.charCodeAt(before - 1));
}
