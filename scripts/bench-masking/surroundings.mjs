/**
 * @typedef {{ label: string, before: string, value: string, after: string }} Sample a member's name, and the text that is
 * its value
 */

/** Text around a value, which says what the value is by a word. */
const TELLING = [
  (word) => ['text', `${word}: `, ''],
  (word) => ['text', `The ${word} is `, ', as was said on the phone by them.'],
  (word) => ['text', 'Please check the ', ` again. It belongs to ${word}`, 'after'],
  (word) => ['text', `level=info msg="request done" ${snake(word)}=`, ' status=200 took=12ms'],
  (word) => ['text', `{"id":7,"${snake(word)}":"`, '","state":"open"}'],
  (word) => ['text', `{"id":7,"${camel(word)}": "`, '"}'],
  (word) => ['text', `{\\"${snake(word)}\\":\\"`, '\\"}'],
  (word) => ['text', `id,${snake(word)},city\n7,`, ',Here'],
  (word) => ['text', `?${snake(word)}=`, '&page=2'],
  (word) => ['text', `Dear team,\n\n${word}:\n`, '\n\nKind regards'],
  (word) => [snake(word), '', ''],
  (word) => [camel(word), '', ''],
  (word) => ['text', `- ${word}: `, '\n- Colour: green'],
];

/** Text around a value that says nothing of it. */
const SILENT = [
  () => ['text', 'Please look at ', ' again, it was changed.'],
  () => ['text', '', ''],
  () => ['text', '2024-05-06T12:34:56Z INFO done ', ' in 12 ms'],
  () => ['text', '{"id":7,"item":"', '","state":"open"}'],
  () => ['text', 'id,item,city\n7,', ',Here'],
  () => ['item', '', ''],
  () => ['text', '(', ')'],
  () => ['text', 'See ', '.'],
];

/** How something is written that shall not be seen: what is drawn is the same, or nearly. */
export const DISGUISES = [
  (value) => value,
  (value) => value,
  (value) => value,
  (value) => value.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
  (value) => [...value].join('\u200b'),
  (value) => `${value.slice(0, 3)}\u00ad${value.slice(3)}`,
  (value) => value.replaceAll(' ', '\u00a0').replaceAll('-', '\u2013'),
];

/** Other ways to group digits and letters, which a word has to explain. */
export const GROUPINGS = [
  (value) => value,
  (value) => value,
  (value) => grouped(value, 3, ' '),
  (value) => grouped(value, 4, '-'),
  (value) => grouped(value, 1, ' '),
  (value) => grouped(value, 2, '.'),
];

/** @returns {Sample} */
export function telling(random, word, value, ways = TELLING.keys()) {
  const [label, before, after, place] = TELLING[random.pick([...ways])](word);
  return {
    label,
    before: place === 'after' ? 'Please look: ' : before,
    value,
    after: place === 'after' ? ` (${word})` : after,
  };
}

/** The surroundings in which a value has a name, as labelled values need it. */
export const NAMED = [4, 5, 6, 10, 11];

/** Those in which the word comes before the value. */
export const BEFORE = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** @returns {Sample} */
export function silent(random, value) {
  const [label, before, after] = random.pick(SILENT)();
  return { label, before, value, after };
}

function grouped(value, size, separator) {
  const compact = value.replace(/[^A-Za-z0-9]/g, '');
  return compact.match(new RegExp(`.{1,${size}}`, 'g'))?.join(separator) ?? value;
}

function snake(word) {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_');
}

function camel(word) {
  return snake(word).replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}
