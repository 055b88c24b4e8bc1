import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

const LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
/** What the first letter of a foreigner's or a special number counts as. */
const FIRST: Readonly<Record<string, string>> = { X: '0', Y: '1', Z: '2', K: '0', L: '0', M: '0' };

/** Identity numbers of Spain: DNI of citizens, NIE of foreigners (X, Y, Z), and K, L, M; the last letter checks (mod 23). */
export const esDni = numberDetector({
  name: 'es_dni',
  templates: ['*0000000A'],
  digits: 7,
  holds: (number) => {
    const first = FIRST[number.charAt(0)] ?? number.charAt(0);
    return /^\d$/.test(first) && LETTERS[Number(first + number.slice(1, 8)) % 23] === number.charAt(8);
  },
  telling: /^(?:\d{8}[- ]?|[XYZ][- ]?\d{7}[- ]?)[A-Z]$/,
  words: words('dni', 'nie', 'nif', 'documento nacional', 'identidad', 'extranjero', 'spanish id'),
});
