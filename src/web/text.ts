import { h } from './dom.js';

/**
 * Characters that cannot be seen, or that turn the order of those around them: controls, format characters (zero-width
 * ones, bidirectional controls, tags), all spaces, what Unicode says to ignore by default, the blank Braille pattern, and
 * halves of surrogate pairs.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{DI}\u2800]/gu;
/** Of these, what everybody expects in a text. */
const EXPECTED = new Set([' ', '\n', '\t']);

/** Text as it is, with what cannot be seen shown by its number. */
export function visible(text: string): DocumentFragment {
  const shown = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(UNSEEN)) {
    if (EXPECTED.has(found[0])) continue;
    shown.append(text.slice(end, found.index));
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    shown.append(h('span', { class: 'unseen', title: `invisible character U+${code}` }, `U+${code}`));
    end = found.index + found[0].length;
  }
  shown.append(text.slice(end));
  return shown;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** A time as it is from now; `time` elements with `data-live` are kept up to date by {@link keepTimes}. */
export function ago(time: string): HTMLElement {
  return h(
    'time',
    { datetime: time, title: EXACT.format(new Date(time)), 'data-live': true },
    relative(Date.parse(time)),
  );
}

function relative(at: number): string {
  const seconds = Math.round((at - Date.now()) / 1000);
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.trunc(seconds / length), unit);
  return RELATIVE.format(seconds, 'second');
}

/** Keeps the times that are shown true. */
export function keepTimes(): void {
  setInterval(() => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-live]')) {
      const text = relative(Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
      time.classList.toggle('soon', isSoon(time.dateTime));
    }
  }, 1000);
}

function isSoon(time: string): boolean {
  const left = Date.parse(time) - Date.now();
  return left > 0 && left < 120_000;
}

/** A list in words. */
export const listed = (words: readonly string[], type: 'conjunction' | 'disjunction' = 'disjunction') =>
  new Intl.ListFormat('en', { type }).format(words);

/** A principal's id without its issuer. */
export function shortName(id: string): string {
  return id.slice(id.lastIndexOf('|') + 1);
}
