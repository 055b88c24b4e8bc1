import { words } from './context.js';
import { documentDetector } from './document-number.js';

/** Passport numbers: 6 to 9 letters and digits (ICAO Doc 9303), after a word for a passport. */
export const passport = documentDetector({
  name: 'passport',
  lengths: [6, 9],
  words: words(
    'passport',
    'reisepass',
    'passnummer',
    'passeport',
    'pasaporte',
    'passaporto',
    'paspoort',
    'paszport',
    '护照',
  ),
});
