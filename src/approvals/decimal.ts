/**
 * The one text of a JSON number: as ECMAScript prints it (RFC 8785, section 3.2.2.3) where that is exactly the value
 * that was sent, otherwise its digits and power of ten. So `1e2`, `100` and `100.0` are the same text, while
 * 9007199254740993 and 9007199254740992 are not, although both are the same double.
 */
export function canonicalNumber(literal: string): string {
  const double = Number(literal);
  const exact = exactDecimal(literal);
  return Number.isFinite(double) && exactDecimal(String(double)) === exact ? String(double) : exact;
}

/** `-12.50e3` as `-125e2`: an integer without trailing zeros and the power of ten to multiply it with. */
function exactDecimal(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  // Loops, since a regular expression for trailing zeros takes quadratic time on long runs of zeros elsewhere.
  let first = 0;
  while (digits[first] === '0') first++;
  let past = digits.length;
  while (past > first && digits[past - 1] === '0') past--;
  if (first === past) return '0';
  const power = BigInt(exponent) + BigInt(digits.length - past - fraction.length);
  return `${sign}${digits.slice(first, past)}e${power}`;
}
