export const hasChecksum = false;
export const isTelling = true;
export const isGrouped = true;
export const words = ['NINO', 'national insurance number', 'NI number'];
export const valid = (random) =>
  `${random.string(1, 'ABCEHJLMPRSW')}${random.string(1, 'ABCEHJLMPRSW')} ${random.digits(2)} ${random.digits(2)} ${random.digits(2)} ${random.string(1, 'ABCD')}`;
export const wrong = (random) =>
  `${random.string(1, 'DFIQUV')}${random.capitals(1)} ${random.digits(2)} ${random.digits(2)} ${random.digits(2)} ${random.string(1, 'EFGH')}`;
