import type { Detector } from '../../src/masking/detectors/detector.js';
import { detectors } from '../../src/masking/detectors/index.js';

const LENGTH = 1_000_000;
const SAMPLE = 20_000;
/** Of processor time: slow machines have to keep it too, and what takes the square of the length takes days. */
const MOST_SECONDS = 5;

/** What looks like something to a detector wherever it begins to read, and in the end is nothing, or is. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  'one digit': '4',
  'digits apart': '4 ',
  'digits apart, many signs': '4 - ',
  'groups of four': '4111 1111 ',
  'groups parted by dots': '4111.1111.',
  'card numbers': '4111111111111111 ',
  'nine digits': '111222333 ',
  'words and numbers': 'sin 111222333 SIN 046454286 ',
  'one letter': 'a',
  'letters apart': 'a ',
  'letters and digits': 'a1',
  'country codes': 'DE89 GB29 ',
  accounts: 'DE89 3704 0044 0532 0130 01 ',
  'at signs': 'a@',
  'addresses of mail': 'a@a.',
  'plus signs': '+',
  'international numbers': '+49 30 901820 ',
  'impossible numbers': '+49 (0) 30 / 9 0 1 8 2 0 ',
  'words for telephones': 'tel 0170 1234567 ',
  dots: '.',
  colons: ':',
  'short colons': '::1 ',
  'hexadecimal pairs': '00:1b:',
  'dates of birth': 'born 1980-01-31 ',
  months: 'jan ',
  fields: 'name:',
  'fields of names': 'First name: Alice Alice ',
  'fields of addresses': 'zip=street=',
  'equals signs': '=',
  quotes: '":"',
  backslashes: '\\',
  'codes of tax': 'RSSMRA85T10A562S ',
  underscores: '_',
};
const TABLE_HEAD = 'ssn,card,phone,dob,passport\n';

describe('time is linear in the length of the text', () => {
  test.each(Object.values<Detector>(detectors))(
    '$name',
    ({ find }) => {
      const slowest = { seconds: 0, of: '' };
      for (const [of, piece] of Object.entries(LOOK_ALIKES)) {
        // A small part first: only what seems to be the slowest is scanned whole.
        const seconds = secondsOf(() => find(TABLE_HEAD + piece.repeat(SAMPLE / piece.length)));
        if (seconds > slowest.seconds) Object.assign(slowest, { seconds, of });
      }
      const piece = LOOK_ALIKES[slowest.of] ?? '';
      expect({
        of: slowest.of,
        isBounded: secondsOf(() => find(TABLE_HEAD + piece.repeat(LENGTH / piece.length))) < MOST_SECONDS,
      }).toEqual({ of: slowest.of, isBounded: true });
    },
    120_000,
  );
});

function secondsOf(act: () => unknown): number {
  const began = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}
