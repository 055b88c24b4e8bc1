export const hasChecksum = false;
export const isTelling = true;
export const isGrouped = true;
export const words = ['ITIN', 'taxpayer identification number', 'itin'];
export const valid = (random) => `9${random.digits(2)}-${random.int(70, 88)}-${random.digits(4)}`;
export const wrong = (random) => `${random.int(100, 899)}-${random.int(70, 88)}-${random.digits(4)}`;
