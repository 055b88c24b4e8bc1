import type {
  JsonDocument,
  JsonNode,
  RestoredPlace,
  RestoredValue,
  RestoreObligation,
} from '../../domain/index.js';
import { MaskingError } from '../error.js';
import {
  arrivals,
  compilePath,
  departures,
  onward,
  pointerSegment,
  type Segment,
  type Step,
} from '../paths.js';
import { type Edit, splice } from '../splice.js';
import type { KeptValue } from './kept.js';
import { replaceTokens } from './replace.js';
import { mayHoldTokens } from './token.js';

/** A string that policy wants tokens restored in, and on which terms. */
interface Place {
  readonly node: JsonNode;
  readonly path: string;
  readonly terms: readonly RestoreObligation[];
}

/** Tokens that stand where policy wants them restored. */
export interface FoundTokens {
  readonly tokens: readonly string[];
  readonly places: readonly Place[];
}

/** A message's bytes with values in the places of tokens. */
export interface Restored {
  readonly bytes: Buffer;
  readonly places: readonly RestoredPlace[];
  readonly values: readonly RestoredValue[];
}

/**
 * Finds the tokens in the strings at which the obligations' paths end, also within JSON text in them. Names of members
 * are not looked into.
 *
 * @throws MaskingError `path_invalid`
 */
export function findTokens(document: JsonDocument, obligations: readonly RestoreObligation[]): FoundTokens {
  const places: Place[] = [];
  const tokens = new Set<string>();
  if (obligations.length === 0 || !mayHoldTokens(document.bytes)) return { tokens: [], places };
  const travellers = obligations.map((terms) => ({ path: compilePath(terms.path), terms }));
  visit(document.root, departures(travellers), '');
  return { tokens: [...tokens], places };

  function visit(node: JsonNode, steps: readonly Step<Traveller>[], path: string): void {
    if (steps.length === 0) return;
    if (document.kind(node) === 'string') inspect(node, steps, path);
    const into = onward(steps);
    for (const [key, value] of document.members(node)) {
      const name = document.string(key);
      visit(
        value,
        into(() => name),
        `${path}/${pointerSegment(name)}`,
      );
    }
    let index = 0;
    for (const element of document.elements(node)) {
      const name = String(index);
      visit(
        element,
        into(() => name),
        `${path}/${name}`,
      );
      index += 1;
    }
  }

  function inspect(node: JsonNode, steps: readonly Step<Traveller>[], path: string): void {
    const terms = arrivals(steps).map((traveller) => traveller.terms);
    if (terms.length === 0) return;
    let holdsAny = false;
    replaceTokens(document.string(node), (token) => {
      tokens.add(token);
      holdsAny = true;
      return undefined;
    });
    if (holdsAny) places.push({ node, path, terms });
  }
}

interface Traveller {
  readonly path: readonly Segment[];
  readonly terms: RestoreObligation;
}

/**
 * Puts values in the places of their tokens, where the obligations allow those: a value that stood alone as what it was,
 * one within a longer string as text. JSON text in a string stays what it is, and says the values.
 *
 * @throws MaskingError `restored_too_large`
 */
export function restoreTokens(
  document: JsonDocument,
  { places }: FoundTokens,
  kept: ReadonlyMap<string, KeptValue>,
  { upstream, mostBytes }: RestoreBounds,
): Restored {
  const edits: Edit[] = [];
  const counts = new Map<string, RestoredPlace>();
  const values = new Map<string, RestoredValue>();
  let room = mostBytes - document.bytes.byteLength;
  for (const { node, path, terms } of places) {
    const found = put(document.string(node), room, (token) => {
      const value = kept.get(token);
      return value !== undefined && terms.some((term) => allows(term, value, upstream)) ? value : undefined;
    });
    if (found === undefined) continue;
    room -= Buffer.byteLength(found.json) - (document.end(node) - document.start(node));
    if (room < 0) throw tooLarge();
    edits.push({ start: document.start(node), end: document.end(node), text: found.json });
    for (const { token, kind, text, upstream: from, detector } of found.values) {
      values.set(token, { token, kind, text });
      const key = JSON.stringify([path, detector, from]);
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { path, ...(detector !== undefined && { detector }), upstream: from, count });
    }
  }
  return { bytes: splice(document.bytes, edits), places: [...counts.values()], values: [...values.values()] };
}

export interface RestoreBounds {
  /** To which the message goes. */
  readonly upstream: string;
  /** How large it may get. */
  readonly mostBytes: number;
}

/** A string with values in place of their tokens, as JSON, and each value as often as it was put there. */
function put(
  text: string,
  room: number,
  allowed: (token: string) => KeptValue | undefined,
): { readonly json: string; readonly values: readonly KeptValue[] } | undefined {
  const values: KeptValue[] = [];
  let bytes = 0;
  const json = replaceTokens(text, (token) => {
    const value = allowed(token);
    if (value === undefined) return undefined;
    values.push(value);
    bytes += Buffer.byteLength(value.text);
    if (bytes > room) throw tooLarge();
    return value;
  });
  return json === undefined ? undefined : { json, values };
}

function allows(term: RestoreObligation, value: KeptValue, upstream: string): boolean {
  if (term.detector !== undefined && term.detector !== value.detector) return false;
  return (term.from ?? [upstream]).includes(value.upstream);
}

function tooLarge(): MaskingError {
  return new MaskingError(
    'restored_too_large',
    'with the values of its tokens the message would be too large',
    'Send fewer tokens at once.',
  );
}
