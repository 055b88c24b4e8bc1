export const hasChecksum = false;
export const isTelling = true;
export const isGrouped = true;
export const words = ['SSN', 'social security number', 'ssn'];
export const valid = (random) => `${random.int(100, 665)}-${random.int(10, 99)}-${random.int(1000, 9999)}`;
export const wrong = (random) =>
  `${random.pick(['000', '666', String(random.int(900, 999))])}-${random.pick(['00', '10', '93'])}-${random.digits(4)}`;
