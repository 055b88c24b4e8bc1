/**
 * Amounts are counted in whole millionths, so that decimals add up as on paper: 19.99 and 80.01 are exactly 100. Up to the
 * 10⁹ that a decision's schema allows, that is an integer a double holds.
 */
const MILLIONTHS = 1_000_000;

/** A cost in millionths, rounded up: no part of it is free. */
export function costInMillionths(cost: number): number {
  const nearest = Math.round(cost * MILLIONTHS);
  return nearest / MILLIONTHS < cost ? nearest + 1 : nearest;
}

/** What may be spent, in millionths, rounded down. */
export function amountInMillionths(amount: number): number {
  const nearest = Math.round(amount * MILLIONTHS);
  return nearest / MILLIONTHS > amount ? nearest - 1 : nearest;
}

export function fromMillionths(millionths: number): number {
  return millionths / MILLIONTHS;
}
