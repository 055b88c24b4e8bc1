import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** National Insurance numbers of the United Kingdom: no check digit, but prefixes that are never given out (HMRC NIM39110). */
export const ukNino = numberDetector({
  name: 'uk_nino',
  templates: ['AA000000A'],
  digits: 6,
  holds: (number) => /^(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]\d{6}[A-D]$/.test(number),
  telling: /^[A-Z]{2}(?: ?\d{6} ?| \d{2} \d{2} \d{2} )[A-D]$/,
  words: words('nino', 'national insurance', 'ni number', 'nat ins', 'NI no'),
});
