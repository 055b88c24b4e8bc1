import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Social Security numbers of the United States: no check digit, but areas, groups and serials that are never given out. */
export const usSsn = numberDetector({
  name: 'us_ssn',
  templates: ['000000000'],
  digits: 9,
  holds: (number) => !/^(?:000|666|9)|^\d{3}00|0000$/.test(number),
  telling: /^\d{3}-\d{2}-\d{4}$/,
  words: words('ssn', 'social security', 'social sec', 'soc sec', 'seguro social'),
});
