import type { Span } from '../span.js';
import { words } from './context.js';
import type { Detector } from './detector.js';
import { fieldsOf } from './fields.js';

const LONGEST = 200;
const STREET = words(
  'street',
  'street name',
  'streetaddress',
  'addressline',
  'address line',
  'addr line',
  'home address',
  'billing address',
  'shipping address',
  'delivery address',
  'mailing address',
  'postal address',
  'residential address',
  'strasse',
  'straße',
  'anschrift',
  'lieferadresse',
  'rechnungsadresse',
  'adresse postale',
  'domicilio',
  'domicile',
  'straat',
  'ulica',
  'gatuadress',
);
/** What other things have too: networks, wallets, mail. */
const ADDRESS = words('address', 'addr', 'adresse', 'direccion', 'indirizzo', 'endereco', 'adres', 'adress');
const OTHER = words(
  'ip',
  'email',
  'mail',
  'mac',
  'wallet',
  'web',
  'url',
  'contract',
  'server',
  'memory',
  'bind',
  'listen',
  'remote',
  'host',
);
const CODE = words(
  'zip',
  'zipcode',
  'zip code',
  'postcode',
  'post code',
  'postal code',
  'plz',
  'postleitzahl',
  'code postal',
  'codigo postal',
  'cod postal',
  'cep',
  'kod pocztowy',
  'postnummer',
  'pincode',
);
/** A part of each of these words, in ASCII however it is spelled. */
const SIGNS = [
  'street',
  'addr',
  'adres',
  'stra',
  'anschrift',
  'domicil',
  'ulica',
  'direcci',
  'indirizzo',
  'endere',
  'gatuadress',
  'zip',
  'post',
  'plz',
  'cep',
  'poczt',
  'pincode',
];

/** `10115`, `94103-1234`, `SW1A 1AA`, `1012 AB`. */
const POSTAL_CODE = /^(?=[^\d]{0,4}\d)[A-Za-z0-9]{2,8}(?:[ -](?=[A-Za-z]*\d)[A-Za-z0-9]{2,5}|[ -][A-Z]{2})?$/;
const IS_NO_PLACE = /[@{}<>\\]|:\/\/|^(?:0x|null|none|undefined|unknown|string|true|false|n\/?a$)/i;
/** Where a value that nothing ends gives way to the next one: `Main St 1, city: Berlin`. */
const NEXT_FIELD = /,? [\p{L}_]{1,20}[:=]/u;

/**
 * Postal addresses in members and fields that are named so: streets, lines of an address, postal codes. There is no way to
 * tell addresses in prose offline and well; they are not looked for.
 */
export const postalAddress: Detector = {
  name: 'postal_address',

  signs: SIGNS.map((word) => ({ word })),

  find(text, label) {
    const isNamed = label === undefined ? undefined : namedAs(label);
    if (isNamed !== undefined) return isNamed(text.trim()) ? [trimmed(text)] : [];
    const found: Span[] = [];
    for (const { name, start, end, isQuoted } of fieldsOf(text, (name) => namedAs(name) !== undefined)) {
      if (start < (found.at(-1)?.end ?? 0)) continue;
      const isPlace = namedAs(name);
      if (isPlace === undefined) continue;
      const value = text.slice(start, end);
      const next = isQuoted ? -1 : value.search(NEXT_FIELD);
      const place = trimmed(next === -1 ? value : value.slice(0, next));
      const written = value.slice(place.start, place.end);
      const length = isPlace(written) ? written.length : isQuoted ? 0 : firstWord(written, isPlace);
      if (length > 0) found.push({ start: start + place.start, end: start + place.start + length });
    }
    return found;
  },
};

/** What values under a name have to look like, or undefined if it names no address. */
function namedAs(name: string): ((value: string) => boolean) | undefined {
  if (OTHER.inName(name)) return undefined;
  if (CODE.inName(name)) return (value) => POSTAL_CODE.test(value);
  if (STREET.inName(name)) return isStreet;
  return ADDRESS.inName(name)
    ? (value) => isStreet(value) && /\d/.test(value) && value.includes(' ')
    : undefined;
}

/** How long the first word of a value that nothing ends is, if that alone is a code; a street has more words. */
function firstWord(value: string, isPlace: (value: string) => boolean): number {
  const word = value.split(' ', 1)[0] ?? '';
  return POSTAL_CODE.test(word) && isPlace(word) ? word.length : 0;
}

function isStreet(value: string): boolean {
  return value.length >= 3 && value.length <= LONGEST && /\p{L}{2}/u.test(value) && !IS_NO_PLACE.test(value);
}

function trimmed(text: string): Span {
  const written = text.trim();
  const start = text.indexOf(written);
  return { start, end: start + written.length };
}
