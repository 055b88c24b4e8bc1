export const MIN_CARD_DIGITS = 13;
export const MAX_CARD_DIGITS = 19;

/** A range of issuer identification numbers: the first and the last prefix, and how many digits its cards have. */
type Issuer = readonly [network: string, from: string, to: string, lengths: readonly number[]];

const FROM_16 = [16, 17, 18, 19];
const ANY = [13, 14, 15, 16, 17, 18, 19];

/** Issuer ranges (ISO/IEC 7812) that the card networks publish; within a row both prefixes have the same length. */
const ISSUERS: readonly Issuer[] = [
  ['Mir', '2200', '2204', FROM_16],
  ['Borica', '2205', '2205', [16]],
  ['Mastercard', '2221', '2720', [16]],
  ['Mastercard', '51', '55', [16]],
  ['Diners Club', '300', '305', [14, ...FROM_16]],
  ['Diners Club', '3095', '3095', [14, ...FROM_16]],
  ['Diners Club', '36', '36', [14, 15, ...FROM_16]],
  ['Diners Club', '38', '39', [14, ...FROM_16]],
  ['American Express', '34', '34', [15]],
  ['American Express', '37', '37', [15]],
  ['JCB', '3528', '3589', FROM_16],
  ['Visa', '4', '4', [13, 16, 19]],
  ['Maestro', '50', '50', ANY],
  ['Maestro', '56', '58', ANY],
  ['RuPay', '60', '60', FROM_16],
  ['UnionPay', '62', '62', FROM_16],
  ['Maestro', '63', '63', ANY],
  ['Discover', '644', '659', FROM_16],
  ['Maestro', '67', '67', ANY],
  ['UnionPay, RuPay', '81', '82', FROM_16],
  ['Uzcard', '8600', '8600', [16]],
  ['Napas', '9704', '9704', [16, 19]],
  ['Troy', '9792', '9792', [16]],
  ['Humo', '9860', '9860', [16]],
];

/** Whether a known issuer hands out numbers with this beginning and length. */
export function isIssued(digits: readonly number[]): boolean {
  const start = digits.slice(0, MIN_CARD_DIGITS).join('');
  return ISSUERS.some(([, from, to, lengths]) => {
    const prefix = start.slice(0, from.length);
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  });
}
