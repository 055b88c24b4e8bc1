/** The digits of a text as numbers; a letter is its place in the alphabet plus 9, as ISO 7064 and ISO 13616 count. */
export function digitsOf(compact: string): number[] {
  return [...compact].map((character) => Number.parseInt(character, 36));
}

/** The sum of digits times weights, from the left. */
export function weightedSum(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * (digits[index] ?? 0), 0);
}

/** Whether the last digit is the right check digit (ISO/IEC 7812-1, annex B). */
export function hasLuhnDigit(digits: readonly number[]): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits[index] ?? 0;
    const doubled = (digits.length - index) % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The remainder of a decimal number of any length. */
export function remainder(decimal: string, divisor: number): number {
  let rest = 0;
  for (const digit of decimal) rest = (rest * 10 + Number(digit)) % divisor;
  return rest;
}

/** Whether all characters are the same: `000000000` satisfies most sums. */
export function isUniform(compact: string): boolean {
  return compact === compact.charAt(0).repeat(compact.length);
}
