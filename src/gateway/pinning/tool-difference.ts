import type { JsonDocument, JsonObject, JsonValue, ToolPart, ToolParts } from '../../domain/index.js';
import { readJson } from '../../protocol/index.js';
import { changedParts, memberOf, toolParts } from './fingerprint.js';
import { lineDifference } from './line-difference.js';

/** Characters that people are shown; the definition itself stands beside it. */
const LONGEST = 16 * 1024;

/**
 * In which way a tool is not as it was looked at, as a text for people: by part, what is gone (`-`) and what came (`+`).
 *
 * @param pinned - the parts' digests as they were looked at
 * @param before - the definition that has these, JSON; undefined where it is not known any more
 * @param now - the definition as it is, JSON
 * @returns undefined where nothing that counts differs
 */
export function toolDifference(
  pinned: ToolParts,
  before: string | undefined,
  now: string,
): string | undefined {
  const document = read(now);
  const parts = toolParts(document, document.root);
  const changed = changedParts(pinned, parts);
  if (changed.length === 0) return undefined;
  const known = before === undefined ? undefined : read(before);
  const lines = changed.flatMap((part) => [
    `${part}:`,
    ...(known === undefined ? [] : lineDifference(textOf(known, part), textOf(document, part))),
    ...(known === undefined ? digestsOf(pinned[part], parts[part]) : []),
  ]);
  if (known === undefined) lines.unshift('What it was is known by its digests only.');
  const text = lines.join('\n');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n… and more`;
}

function digestsOf(was = 'nothing', is = 'nothing'): string[] {
  return [`-${was}`, `+${is}`];
}

/** A part as people read it: a text as it is, all else as indented JSON; empty where it is missing. */
function textOf(document: JsonDocument, part: ToolPart): string {
  if (part === 'other') return indented(othersOf(document));
  const node = document.member(document.root, memberOf(part));
  if (node === undefined) return '';
  return document.kind(node) === 'string' ? document.string(node) : indented(document.value(node));
}

function othersOf(document: JsonDocument): JsonObject {
  const parts: readonly ToolPart[] = ['title', 'description', 'input_schema', 'output_schema', 'annotations'];
  const left = new Set(['name', 'execution', ...parts.map(memberOf)]);
  const members = [...document.members(document.root)].map(
    ([key, value]) => [document.string(key), document.value(value)] as const,
  );
  return Object.fromEntries(members.filter(([name]) => !left.has(name)));
}

function indented(value: JsonValue): string {
  return JSON.stringify(value, null, 2);
}

/** What the store has was read strictly before. */
function read(text: string): JsonDocument {
  return readJson(Buffer.from(text), { maxDepth: Number.POSITIVE_INFINITY });
}
