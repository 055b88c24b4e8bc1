/** Check digits, written apart from those of the detectors so that each holds the other. */

/** The last digit that makes some digits pass a test, tried one by one; undefined where none does. */
export function completed(digits, passes, alphabet = '0123456789') {
  for (const last of alphabet) if (passes(digits + last)) return digits + last;
  return undefined;
}

/** Makes until something comes out. */
export function until(make) {
  for (;;) {
    const made = make();
    if (made !== undefined) return made;
  }
}

/** What has the form of `valid` with one digit other at the end, so that the check fails. */
export function wrongLast(random, value, alphabet = '0123456789') {
  const last = value.at(-1);
  return value.slice(0, -1) + random.pick([...alphabet].filter((other) => other !== last));
}

export const luhn = (number) =>
  [...number].reverse().reduce((sum, digit, index) => {
    const twice = String(Number(digit) * (index % 2 === 1 ? 2 : 1));
    return sum + [...twice].reduce((one, other) => one + Number(other), 0);
  }, 0) %
    10 ===
  0;

export const weighted = (weights, modulus) => (number) =>
  weights.reduce((sum, weight, index) => sum + weight * Number(number[index]), 0) % modulus === 0;

export const mod = (number, modulus) => Number(BigInt(number) % BigInt(modulus));
