import { isDeepStrictEqual } from 'node:util';
import type { JsonDocument, JsonNode, JsonValue, OutputSchemaState } from '../../domain/index.js';
import type { Rewriting } from '../rewriting.js';
import { rewrite } from '../rewriting.js';
import type { Selection } from '../selection.js';
import { type Edit, splice } from '../splice.js';
import { Replacements } from './replacements.js';
import type { OutputSchema } from './schema.js';

/** Each round mends what the one before brought to light. */
const MOST_ROUNDS = 6;

export interface FitRequest {
  readonly document: JsonDocument;
  readonly selection: Selection;
  /** What the masks do by themselves. */
  readonly rewriting: Rewriting;
  /** `unchecked` where it is one that cannot be checked. */
  readonly outputSchema: OutputSchema | 'unchecked';
  readonly hashKey: Buffer;
}

/** A request whose schema can be checked. */
export type MendRequest = FitRequest & { readonly outputSchema: OutputSchema };

export interface FitResult {
  readonly edits: readonly Edit[];
  /** Undefined where the masks break nothing, or the result was no better before. */
  readonly state?: OutputSchemaState;
}

/**
 * Makes a tool's masked structured content satisfy the tool's `outputSchema` where it did before: what masks put there
 * gives way to neutral values of the kinds that the schema wants. A text that is the same content as JSON becomes the
 * same again. Never does anything come back that a mask hides.
 */
export function fitOutput(request: FitRequest): FitResult {
  const { document, rewriting, outputSchema } = request;
  const content = document.at('result', 'structuredContent');
  if (content === undefined || !touches(document, content, rewriting.edits)) return rewriting;
  if (outputSchema === 'unchecked') return { edits: rewriting.edits, state: 'unchecked' };
  const before = document.value(content);
  const size = document.end(content) - document.start(content);
  const faults = outputSchema.faults(before, size);
  if (faults === undefined) return { edits: rewriting.edits, state: 'unchecked' };
  if (faults.length > 0) return rewriting;
  const fitted = mend({ ...request, outputSchema }, content);
  if (fitted === 'unchecked' || fitted === 'broken') return { edits: rewriting.edits, state: fitted };
  if (fitted.overrides.size === 0) return rewriting;
  for (const twin of twinsOf(request, before)) fitted.overrides.set(twin, JSON.stringify(fitted.text));
  return { edits: rewrite(document, request.selection, fitted.overrides).edits, state: 'fitted' };
}

interface Fitted {
  readonly overrides: Map<JsonNode, string>;
  /** The content, as JSON. */
  readonly text: string;
}

function mend(request: MendRequest, content: JsonNode): Fitted | 'broken' | 'unchecked' {
  const { document, selection, outputSchema } = request;
  const replacements = new Replacements(request, content);
  let { rewriting } = request;
  for (let round = 0; round <= MOST_ROUNDS; round++) {
    const text = contentAfter(document, content, rewriting.edits);
    if (text === undefined) return 'broken';
    const faults = outputSchema.faults(JSON.parse(text) as JsonValue, Buffer.byteLength(text));
    if (faults === undefined) return 'unchecked';
    if (faults.length === 0) return { overrides: new Map(replacements.chosen), text };
    if (!replacements.choose(faults, rewriting)) return 'broken';
    rewriting = rewrite(document, selection, replacements.chosen);
  }
  return 'broken';
}

function touches(document: JsonDocument, content: JsonNode, edits: readonly Edit[]): boolean {
  const [start, end] = [document.start(content), document.end(content)];
  return edits.some((edit) => edit.start < end && edit.end > start);
}

/** The content with its edits carried out; undefined where a mask takes more than it. */
function contentAfter(document: JsonDocument, content: JsonNode, edits: readonly Edit[]): string | undefined {
  const [start, end] = [document.start(content), document.end(content)];
  const within = edits.filter((edit) => edit.start < end && edit.end > start);
  if (within.some((edit) => edit.start < start || edit.end > end)) return undefined;
  const moved = within.map((edit) => ({ start: edit.start - start, end: edit.end - start, text: edit.text }));
  return splice(document.slice(content), moved).toString('utf8');
}

/** Texts beside the content that are the same as JSON, and that no mask has something of its own to say of. */
function twinsOf({ document, selection }: FitRequest, content: JsonValue): JsonNode[] {
  const blocks = document.at('result', 'content');
  if (blocks === undefined) return [];
  return [...document.elements(blocks)].flatMap((block) => {
    const text = document.member(block, 'text');
    if (text === undefined || document.kind(text) !== 'string') return [];
    if (selection.wholes.has(text) || selection.matches.has(text)) return [];
    return isSameJson(document.string(text), content) ? [text] : [];
  });
}

function isSameJson(text: string, content: JsonValue): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), content);
  } catch {
    return false; // words for people
  }
}
