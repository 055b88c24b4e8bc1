export const hasChecksum = false;
export const isTelling = true;
export const words = ['client ip', 'ip address', 'remote address'];
const part = (random) => random.int(1, 254);
export const valid = (random) =>
  random.pick([
    `${random.pick([10, 192, 203, 8, 172])}.${part(random)}.${part(random)}.${part(random)}`,
    `2001:db8:${random.hex(4).replace(/^0+/, '1')}::${random.int(1, 9)}${random.hex(2)}`,
    `fe80::${random.int(1, 9)}${random.hex(3)}:${random.int(1, 9)}${random.hex(3)}`,
  ]);
export const wrong = (random) =>
  random.pick([
    `v${part(random)}.${part(random)}.0.1`,
    `${random.int(256, 999)}.${part(random)}.1.1`,
    `1.3.6.1.4.1.${random.digits(4)}`,
    `${part(random)}.${part(random)}.${part(random)}`,
    'std::vector',
    `Chrome/${part(random)}.0.0.0`,
    '127.0.0.1',
    `${random.digits(2)}:${random.digits(2)}:${random.digits(2)}`,
  ]);
