import { until, wrongLast } from '../numbers.mjs';

export const hasChecksum = true;
export const isTelling = true;
export const isGrouped = true;
export const words = ['steuer id', 'Steueridentifikationsnummer', 'tax id'];

export function valid(random) {
  const ten = until(() => {
    const digits = random.digits(10);
    const repeated = [...new Set(digits)].filter((digit) => digits.split(digit).length > 2);
    const most = Math.max(...repeated.map((digit) => digits.split(digit).length - 1));
    return digits[0] !== '0' && repeated.length === 1 && most <= 3 ? digits : undefined;
  });
  let product = 10;
  for (const digit of ten) {
    const sum = (Number(digit) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  const check = 11 - product;
  return (ten + (check === 10 ? 0 : check)).replace(/^(..)(...)(...)(...)$/, '$1 $2 $3 $4');
}

export const wrong = (random) => wrongLast(random, valid(random));
