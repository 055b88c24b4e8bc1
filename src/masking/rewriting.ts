import type { JsonDocument, JsonNode } from '../domain/index.js';
import { anyBelow } from './below.js';
import type { Search } from './consistency.js';
import { BLOB_NAMES } from './encoded-regions.js';
import { withoutEscapes } from './escapes.js';
import type { Mask } from './masks.js';
import { namesApart } from './names.js';
import type { Selection } from './selection.js';
import { cutOut, type Edit } from './splice.js';
import { aloneAs } from './strategies/index.js';
import { type Rewritten, rewriteText } from './text-rewriting.js';

/** Members of a JSON-RPC message's root: names that are JSON-RPC's own, and values that are not content. */
const FRAME_NAMES: readonly string[] = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];
const FRAME_VALUES: readonly string[] = ['jsonrpc', 'id', 'method'];

export interface Rewriting {
  readonly edits: readonly Edit[];
  /** One entry for each replaced value: the mask that caused it. */
  readonly causes: readonly Mask[];
  /** Values that others took the place of. */
  readonly replaced: ReadonlySet<JsonNode>;
  /** Texts as they read that were encoded again: what they say is not to be seen in the edits. */
  readonly encoded: readonly string[];
}

/** An object's member or an array's element; an element has no key. */
interface Part {
  readonly key: JsonNode | undefined;
  readonly value: JsonNode;
}

/**
 * Turns a selection into edits of the document's bytes, and masks the selected values wherever else they stand. Only
 * the frame of JSON-RPC stays as it is unless a mask's own path leads there: without its id no answer finds its
 * request.
 *
 * @param overrides JSON texts for the places of some masked values, instead of what their masks put there
 */
export function rewrite(
  document: JsonDocument,
  { wholes, matches, values }: Selection,
  overrides: ReadonlyMap<JsonNode, string> = new Map(),
): Rewriting {
  const edits: Edit[] = [];
  const causes: Mask[] = [];
  const replaced = new Set<JsonNode>();
  const encoded: string[] = [];
  const isSelected = anyBelow(document, [...wholes.keys(), ...matches.keys(), ...overrides.keys()]);
  visit(document.root, values.search(document.bytes));
  return { edits, causes, replaced, encoded };

  function visit(node: JsonNode, search: Search | undefined, name?: JsonNode): void {
    if (!isSelected(node) && !mayHold(node, search) && !holdsBytes(name, search)) return;
    const kind = document.kind(node);
    const whole = wholes.get(node);
    if (whole !== undefined) {
      const text = kind === 'string' ? document.string(node) : document.text(node);
      replace(node, aloneAs(kind, whole.conceal({ kind, text })), [whole]);
    } else if (kind === 'object') visitMembers(node, search);
    else if (kind === 'array') {
      const parts = [...document.elements(node)].map((value) => ({ key: undefined, value }));
      for (const { value } of withoutRemoved(parts)) visit(value, search);
    } else if (kind === 'string') visitString(node, search, name);
    else if (kind === 'number') visitNumber(node, search);
  }

  function visitMembers(node: JsonNode, search: Search | undefined): void {
    const kept = withoutRemoved([...document.members(node)].map(([key, value]) => ({ key, value })));
    const renamed = new Map<JsonNode, Rewritten>();
    for (const { key, value } of kept) {
      const frame = node === document.root && search !== undefined ? document.string(key) : '';
      const rewritten = rewriteString(key, FRAME_NAMES.includes(frame) ? undefined : search);
      if (rewritten !== undefined) renamed.set(key, rewritten);
      visit(value, FRAME_VALUES.includes(frame) ? undefined : search, key);
    }
    if (renamed.size > 0) rename(renamed, kept);
  }

  function rename(renamed: ReadonlyMap<JsonNode, Rewritten>, members: readonly { key: JsonNode }[]): void {
    const others = members.filter(({ key }) => !renamed.has(key)).map(({ key }) => document.string(key));
    const wanted = [...renamed.values()].map(({ inner }) => withoutEscapes(inner()).text);
    const names = namesApart(others, wanted);
    [...renamed].forEach(([key, { inner, causes }], index) => {
      const name = names[index] ?? '';
      replace(key, name === wanted[index] ? `"${inner()}"` : JSON.stringify(name), causes);
    });
  }

  function visitString(node: JsonNode, search: Search | undefined, name: JsonNode | undefined): void {
    const rewritten = rewriteString(node, search, name);
    if (rewritten === undefined) {
      const override = overrides.get(node);
      if (override !== undefined) replace(node, override, []);
      return;
    }
    const alone = matches.has(node) ? undefined : values.get(document.string(node));
    if (alone === undefined) change(node, rewritten);
    else replace(node, alone.replacement.json, [alone.mask]);
  }

  /** A number is masked as a whole, except where a match found a part of its digits: then it becomes a string. */
  function visitNumber(node: JsonNode, search: Search | undefined): void {
    const found = matches.get(node) ?? [];
    if (found.length === 0 && !mayHold(node, search)) return;
    const digits = document.text(node);
    const rewritten = rewriteText(digits, found, undefined);
    const alone = search && values.get(digits);
    const matched = found.find(({ start, end }) => start === 0 && end === digits.length);
    if (rewritten !== undefined) {
      replace(node, matched?.replacement.number ?? `"${rewritten.inner()}"`, rewritten.causes);
    } else if (alone !== undefined) replace(node, aloneAs('number', alone.replacement), [alone.mask]);
  }

  function rewriteString(node: JsonNode, search: Search | undefined, name?: JsonNode): Rewritten | undefined {
    const found = matches.get(node) ?? [];
    if (found.length === 0 && !mayHold(node, search) && !holdsBytes(name, search)) return undefined;
    const label = name === undefined ? undefined : document.string(name);
    const rewritten = rewriteText(document.text(node).slice(1, -1), found, search, label);
    if (rewritten !== undefined) encoded.push(...rewritten.encoded);
    return rewritten;
  }

  /** Whether the value of a member may be base64, in which values are not seen from outside. */
  function holdsBytes(name: JsonNode | undefined, search: Search | undefined): boolean {
    return (
      search !== undefined && name !== undefined && BLOB_NAMES.some((blob) => document.isNamed(name, blob))
    );
  }

  function mayHold(node: JsonNode, search: Search | undefined): boolean {
    return search?.mayOccur(document.start(node), document.end(node)) === true;
  }

  /** Cuts out what a mask removes; returns the others. */
  function withoutRemoved<Some extends Part>(parts: readonly Some[]): Some[] {
    const removing = ({ value }: Part) =>
      wholes.get(value)?.removes && !overrides.has(value) ? wholes.get(value) : undefined;
    const removedBy = parts.map(removing).filter((mask) => mask !== undefined);
    if (removedBy.length === 0) return [...parts];
    note(removedBy);
    const children = parts.map((part) => ({
      start: document.start(part.key ?? part.value),
      end: document.end(part.value),
      removed: removing(part) !== undefined,
    }));
    for (const cut of cutOut(children)) edits.push(cut);
    return parts.filter((part) => removing(part) === undefined);
  }

  function replace(node: JsonNode, json: string, by: readonly Mask[]): void {
    edits.push({
      start: document.start(node),
      end: document.end(node),
      text: overrides.get(node) ?? json,
    });
    replaced.add(node);
    note(by);
  }

  /** Writes only what changes in a string, which may be most of a large message. */
  function change(node: JsonNode, rewritten: Rewritten): void {
    const { before, changes, causes: by } = rewritten;
    if (overrides.has(node)) {
      replace(node, '', by); // what stands there is the override's to say
      return;
    }
    let [units, bytes] = [0, document.start(node) + 1];
    const byteAt = (offset: number) => {
      bytes += Buffer.byteLength(before.slice(units, offset), 'utf8');
      units = offset;
      return bytes;
    };
    for (const { start, end, text } of changes) edits.push({ start: byteAt(start), end: byteAt(end), text });
    replaced.add(node);
    note(by);
  }

  function note(by: readonly Mask[]): void {
    for (const mask of by) causes.push(mask);
  }
}
