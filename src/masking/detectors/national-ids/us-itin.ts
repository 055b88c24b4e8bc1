import { words } from '../context.js';
import { numberDetector } from '../numbers.js';

/** Individual Taxpayer Identification Numbers of the United States: the groups that the IRS gives out. */
export const usItin = numberDetector({
  name: 'us_itin',
  templates: ['000000000'],
  digits: 9,
  holds: (number) => /^9\d{2}(?:5\d|6[0-5]|7\d|8[0-8]|9[0-2]|9[4-9])\d{4}$/.test(number),
  telling: /^\d{3}-\d{2}-\d{4}$/,
  words: words('itin', 'taxpayer identification', 'taxpayer id', 'tax id', 'TIN'),
});
