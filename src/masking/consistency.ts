import type { MaskObligation } from '../domain/index.js';
import { continuesToken } from './json-text.js';
import { type Mask, prevailing } from './masks.js';
import { compilePath } from './paths.js';
import type { Sighting, Substitute } from './sighting.js';
import { aloneAs, type Concealed } from './strategies/index.js';
import { suspect } from './suspicion.js';
import { compileWordSearch } from './word-search.js';

/*
 * What is masked at one place is masked at every place of the message where it stands, or the text twin of a
 * tool's structured answer would still tell it. The rule has bounds:
 *
 * - Strings of fewer than four bytes and numbers of fewer than four digits do not spread, nor booleans: to mask "1"
 *   or "id" wherever it stands would destroy the message. They are masked where a text shows them as a JSON member of
 *   the same name, `"cvv":"123"`, as a twin does.
 * - Of a masked object or array, every string and number in it spreads; the names of its members do not.
 * - Filtering a list spreads nothing: see `spreads`.
 */
const LEAST = 4;

/** The lists that MCP servers offer; policy removes the entries that a principal may not use. */
const LISTS: readonly string[] = ['tools', 'prompts', 'resources', 'resourceTemplates'];

/** How long and by whom a result may be kept (MCP 2026-07-28, caching): policy narrows it, and hides nothing thereby. */
const CACHE_SCOPE = '/result/cacheScope';

/**
 * Whether what a mask takes away is a secret. A removed entry of an offered list (`/result/tools/3`) is none: its name
 * is a word that the other entries' descriptions may use. A record removed from a tool's answer is one.
 */
export function spreads({ removes, path }: Pick<Mask, 'removes' | 'path'>): boolean {
  const names = path.map((segment) => (segment.kind === 'name' ? segment.name : ''));
  if (`/${names.join('/')}` === CACHE_SCOPE) return false;
  const [root, list, index, ...rest] = names;
  const filtersList =
    root === 'result' && LISTS.includes(list ?? '') && /^\d+$/.test(index ?? '') && rest.length === 0;
  return !(removes && filtersList);
}

/**
 * The masks that hide something. Those that only filter an offered list, or narrow how long it may be kept, take away
 * nothing that is secret.
 *
 * @throws MaskingError `path_invalid`
 */
export function hidingMasks(masks: readonly MaskObligation[]): MaskObligation[] {
  return masks.filter(({ path, with: strategy, match }) =>
    spreads({ removes: strategy === 'remove' && match === undefined, path: compilePath(path) }),
  );
}

/** A text to look for. Of a member's text, `"cvv":"123"`, the `lead` before the value stays. */
export interface Word extends Substitute {
  readonly lead: number;
}

/** Finds masked values in one message. */
export interface Search {
  /** Whether a value might stand between two offsets of the message's bytes. */
  mayOccur(start: number, end: number): boolean;
  /** Where values stand in a string of the message. */
  find(text: string): Sighting[];
}

/** The values that the masks of one message conceal, to be found again wherever else they stand. */
export class MaskedValues {
  readonly #words = new Map<string, Word>();

  /** Takes in a scalar or a matched text. `name` is that of the member whose whole value it is. */
  add(value: Concealed, mask: Mask, name: string | undefined): void {
    if (isLongEnough(value)) {
      this.#put(value.text, 0, value, mask);
    } else if (name !== undefined && value.kind !== 'null') {
      const json = value.kind === 'string' ? JSON.stringify(value.text) : value.text;
      for (const colon of [':', ': ']) {
        const lead = JSON.stringify(name) + colon;
        this.#put(lead + json, lead.length, value, mask);
      }
    }
  }

  /** Every text that is looked for, and what takes its place. */
  get words(): ReadonlyMap<string, Word> {
    return this.#words;
  }

  /** Takes in what was masked in earlier messages, on behalf of no mask of this one. */
  recall(words: ReadonlyMap<string, Word>, position: number): void {
    for (const [text, word] of words) {
      const mask = { ...word.mask, position };
      if (prevailing(this.#words.get(text)?.mask, mask) === mask) this.#words.set(text, { ...word, mask });
    }
  }

  /** What takes the place of a string or number that is a masked value as a whole. */
  get(text: string): Substitute | undefined {
    const word = this.#words.get(text);
    return word?.lead === 0 ? word : undefined;
  }

  /** Makes ready to find every value in a message; undefined where there is nothing to look for. */
  search(bytes: Buffer): Search | undefined {
    if (this.#words.size === 0) return undefined;
    const texts = [...this.#words.keys()];
    const words = [...this.#words.values()];
    const occurrences = compileWordSearch(texts);
    return {
      mayOccur: suspect(bytes, texts),
      find: (text) =>
        occurrences(text).flatMap(({ word: index, start, end }): Sighting[] => {
          const word = words[index];
          if (word === undefined || (word.lead > 0 && continuesToken(text, end))) return [];
          const { mask, replacement, lead } = word;
          return [{ start: start + lead, end, mask, replacement, as: lead > 0 ? 'member' : 'value' }];
        }),
    };
  }

  #put(text: string, lead: number, value: Concealed, mask: Mask): void {
    if (prevailing(this.#words.get(text)?.mask, mask) !== mask) return;
    const replacement = mask.conceal(value);
    // Behind its name a number stays one; by itself the same text may stand in a string.
    const json = lead > 0 ? aloneAs(value.kind, replacement) : replacement.json;
    this.#words.set(text, { lead, mask, replacement: { ...replacement, json } });
  }
}

function isLongEnough({ kind, text }: Concealed): boolean {
  if (kind === 'string') return Buffer.byteLength(text) >= LEAST;
  return kind === 'number' && text.replaceAll(/\D/g, '').length >= LEAST;
}
