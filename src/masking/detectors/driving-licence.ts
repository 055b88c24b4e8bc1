import { words } from './context.js';
import { documentDetector } from './document-number.js';

/** Numbers of driving licences: 6 to 18 letters and digits, after a word for such a licence. */
export const drivingLicence = documentDetector({
  name: 'driving_licence',
  lengths: [6, 18],
  words: words(
    'driving licence',
    'driving license',
    'driver licence',
    'driver license',
    'drivers licence',
    'drivers license',
    "driver's license",
    "driver's licence",
    'license number dl',
    'DLN',
    'fuhrerschein',
    'fuehrerschein',
    'permis de conduire',
    'permiso de conducir',
    'licencia de conducir',
    'patente di guida',
    'rijbewijs',
    'prawo jazdy',
    'korkort',
  ),
});
