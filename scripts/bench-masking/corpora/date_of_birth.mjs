const MONTHS = ['January', 'March', 'May', 'August', 'October'];

export const hasChecksum = false;
export const words = ['date of birth', 'birth date', 'dob'];
export const valid = (random) => {
  const [year, month, day] = random.day();
  return random.pick([
    `${year}-${month}-${day}`,
    `${day}.${month}.${year}`,
    `${month}/${day}/${year}`,
    `${Number(day)} ${random.pick(MONTHS)} ${year}`,
  ]);
};
export const wrong = (random) =>
  random.pick([
    `${random.int(1900, 2020)}-13-${random.digits(2)}`,
    `32.01.${random.int(1900, 2020)}`,
    random.digits(6),
  ]);
