import type { Span } from '../span.js';
import { words } from './context.js';
import type { Detector } from './detector.js';
import { fieldsOf } from './fields.js';

const LONGEST = 80;
const NAME = words(
  'first name',
  'last name',
  'full name',
  'given name',
  'family name',
  'middle name',
  'maiden name',
  'birth name',
  'surname',
  'forename',
  'customer name',
  'client name',
  'patient name',
  'employee name',
  'contact name',
  'person name',
  'guest name',
  'passenger name',
  'recipient name',
  'sender name',
  'beneficiary name',
  'holder name',
  'account holder',
  'cardholder',
  'card holder',
  'fname',
  'lname',
  'vorname',
  'nachname',
  'familienname',
  'geburtsname',
  'kontoinhaber',
  'prenom',
  'nom de famille',
  'nom complet',
  'apellido',
  'nombre completo',
  'primer nombre',
  'cognome',
  'nome completo',
  'sobrenome',
  'voornaam',
  'achternaam',
  'nazwisko',
  'imie i nazwisko',
  'efternamn',
  'fornamn',
);
/** A part of each of these words, in ASCII however it is spelled. */
const SIGNS = ['name', 'holder', 'nhaber', 'nom', 'apellido', 'cognome', 'nome', 'naam', 'nazwisko', 'namn'];

/** What a person's name is written with; `Smith, Alice` has a comma. */
const WRITTEN = /^[\p{L}\p{M}][\p{L}\p{M}'’.,\- ]*$/u;
const PLACEHOLDER =
  /^(?:null|none|undefined|unknown|anonymous|string|true|false|yes|no|required|optional|n\.?a\.?|tbd|redacted)$/i;
/** A field of things too; in a list perhaps. */
const BARE = /^[ .-]*name$/i;
/** Words with a capital each, from the beginning of a value that nothing else ends. */
const CAPITALS =
  /^\p{Lu}[\p{L}\p{M}'’.-]{0,30}(?: (?:(?:van|von|de|da|di|del|der|den|la|le|el|bin|al|y|e|zu|af) ){0,3}\p{Lu}[\p{L}\p{M}'’.-]{0,30}){0,4}/u;

/**
 * Names of persons in members and fields that are named so, and after `Name:` at the beginning of a line, where at least two
 * words with capitals follow. Names in prose, and members called just `name`, which things have too, are not known.
 */
export const personName: Detector = {
  name: 'person_name',

  signs: SIGNS.map((word) => ({ word })),

  find(text, label) {
    if (label !== undefined && NAME.inName(label)) return wholeName(text);
    const found: Span[] = [];
    for (const { name, start, end, isQuoted } of fieldsOf(text, mayName)) {
      if (start < (found.at(-1)?.end ?? 0)) continue;
      const value = text.slice(start, end);
      if (NAME.inName(name)) {
        const length = isQuoted ? value.length : (CAPITALS.exec(value)?.[0].length ?? 0);
        if (isName(value.slice(0, length))) found.push({ start, end: start + length });
      } else if (!isQuoted && BARE.test(name) && beginsLine(text, start - 1)) {
        const written = CAPITALS.exec(value)?.[0] ?? '';
        if (written.includes(' ') && isName(written)) found.push({ start, end: start + written.length });
      }
    }
    return found;
  },
};

function mayName(field: string): boolean {
  return NAME.inName(field) || BARE.test(field);
}

function wholeName(text: string): Span[] {
  const written = text.trim();
  const start = text.indexOf(written);
  return isName(written) ? [{ start, end: start + written.length }] : [];
}

function isName(written: string): boolean {
  return written.length <= LONGEST && WRITTEN.test(written) && !PLACEHOLDER.test(written);
}

/** Whether what stands before a value, its name and its sign, is all there is on the line. */
function beginsLine(text: string, end: number): boolean {
  return /(?:^|\n)[ \t*#>-]{0,6}name[ \t*]{0,4}[:=][ \t*]{0,4}$/i.test(
    text.slice(Math.max(0, end - 20), end + 1),
  );
}
