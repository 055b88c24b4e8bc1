import { digitsOf, isUniform } from '../check-digits.js';
import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Which digit each digit becomes, by its place from the right, by eights (Verhoeff's permutation). */
const PERMUTATIONS = ((first: readonly number[]) => {
  const all = [[...Array(10).keys()], [...first]];
  while (all.length < 8) all.push((all.at(-1) ?? []).map((digit) => first[digit] ?? 0));
  return all;
})([1, 5, 7, 6, 2, 8, 3, 0, 9, 4]);

/** Aadhaar numbers of India: 12 digits, the first from 2 to 9, the last Verhoeff's check digit. */
export const inAadhaar = numberDetector({
  name: 'in_aadhaar',
  templates: ['000000000000'],
  digits: 12,
  holds: (number) => /^[2-9]/.test(number) && !isUniform(number) && hasVerhoeffDigit(digitsOf(number)),
  words: words('aadhaar', 'aadhar', 'adhaar', 'uidai', 'uid', 'आधार'),
});

function hasVerhoeffDigit(digits: readonly number[]): boolean {
  const product = digits
    .toReversed()
    .reduce((before, digit, place) => inDihedralGroup(before, PERMUTATIONS[place % 8]?.[digit] ?? 0), 0);
  return product === 0;
}

/** The product of two elements of the dihedral group of order ten: 0 to 4 are rotations, 5 to 9 reflections. */
function inDihedralGroup(one: number, other: number): number {
  const turned = one < 5 ? (one % 5) + (other % 5) : (one % 5) - (other % 5) + 5;
  return (turned % 5) + (one < 5 === other < 5 ? 0 : 5);
}
