import { type Decision, type JsonDocument, type JsonKind, Obliged } from '../domain/index.js';
import { SCALARS } from './json-text.js';
import { compileMasks, type Mask, type Means } from './masks.js';
import { type FitResult, fitOutput } from './output/fit.js';
import type { OutputSchema } from './output/schema.js';
import { rewrite } from './rewriting.js';
import { select } from './selection.js';
import { splice } from './splice.js';
import { type Concealed, precedenceOf } from './strategies/index.js';
import { textReplacement } from './strategies/strategy.js';
import type { StreamMemory } from './stream-memory.js';
import { type TokenOwner, Tokens } from './tokens/tokens.js';

/** With what masks are carried out, and what more is to be seen to. */
export interface Obligations {
  /** Key of hashes, fakes and tokens, 32 bytes or more. */
  readonly hashKey: Buffer;
  /** Whose tokens are made; where missing, a mask that demands any cannot be carried out. */
  readonly owner?: TokenOwner | undefined;
  /** Values that are masked wherever they stand, whatever policy masks, by what takes their place. */
  readonly known?: readonly KnownValue[] | undefined;
  /**
   * Of the stream that the document is a message of: what was masked in an earlier one is masked in this one too, counted
   * as of the whole message.
   */
  readonly memory?: StreamMemory | undefined;
  /** What the structured content of a tool's result is to satisfy. */
  readonly outputSchema?: OutputSchema | 'unchecked' | undefined;
}

/** A value that must not be seen, and the token by which its reader knows it. */
export interface KnownValue {
  readonly token: string;
  readonly kind: JsonKind;
  readonly text: string;
}

/** Values that are known, or were masked in earlier messages, have no path: they are counted as of the whole message. */
const EVERYWHERE = '/**';
/** Before all masks of the decision, so that of two tokens the one that is known prevails. */
const KNOWN_POSITION = -1;

/**
 * Carries out all of a decision's masks on a document. Changed values are spliced into the bytes; all else stays byte
 * for byte, and where nothing was masked the result's bytes are the document's own buffer.
 *
 * A mask without `match` takes the whole value at its path, and the value becomes a JSON string (or the literal, or the
 * fake of a number), whatever kind it was. Where two masks take the same value the one that hides more prevails, where
 * one lies within another the outer does. What is masked at one place is masked wherever it stands: see `consistency.ts`.
 *
 * @throws MaskingError if a mask cannot be carried out; the message must then not pass
 */
export function carryOut(document: JsonDocument, decision: Decision, obligations: Obligations): Obliged {
  const { hashKey, owner, known = [], memory, outputSchema } = obligations;
  const remembers = memory !== undefined && memory.words.size > 0;
  if (decision.mask.length === 0 && known.length === 0 && !remembers)
    return new Obliged(document, decision, document.bytes, []);
  const tokens = owner && new Tokens(hashKey, owner, known);
  const masks = compileMasks(decision.mask, { hashKey, tokens } satisfies Means);
  const selection = select(document, masks);
  memory?.keep(selection.values.words);
  for (const value of known) {
    for (const scalar of scalarsOf(value)) selection.values.add(scalar, maskOf(value, scalar), undefined);
  }
  if (remembers) selection.values.recall(memory.words, masks.length);
  const rewriting = rewrite(document, selection);
  const fitted: FitResult =
    outputSchema === undefined
      ? { edits: rewriting.edits }
      : fitOutput({ document, selection, rewriting, outputSchema, hashKey });

  const counts = new Map<number, number>();
  for (const { position } of rewriting.causes) counts.set(position, (counts.get(position) ?? 0) + 1);
  const masked = decision.mask.map(({ path }, position) => ({ path, count: counts.get(position) ?? 0 }));
  const again = (counts.get(KNOWN_POSITION) ?? 0) + (counts.get(masks.length) ?? 0);
  return new Obliged(
    document,
    decision,
    splice(document.bytes, fitted.edits),
    again === 0 ? masked : [...masked, { path: EVERYWHERE, count: again }],
    {
      tokenized: tokens?.shownIn([...fitted.edits.map(({ text }) => text), ...rewriting.encoded]) ?? [],
      outputSchema: fitted.state,
    },
  );
}

/** The strings and numbers of a value: of an object or array those in it, names left out. */
function scalarsOf({ kind, text }: KnownValue): Concealed[] {
  if (kind !== 'object' && kind !== 'array') return [{ kind, text }];
  return [...text.matchAll(SCALARS)].flatMap(([scalar, colon]): Concealed[] => {
    if (colon !== undefined) return [];
    if (!scalar.startsWith('"')) return [{ kind: 'number', text: scalar }];
    return [{ kind: 'string', text: JSON.parse(scalar) as string }];
  });
}

/** The mask of a value that is known by its token. What is only a part of it has no token. */
function maskOf({ token, text }: KnownValue, scalar: Concealed): Mask {
  const replacement = textReplacement(scalar.text === text ? token : '[redacted]');
  return {
    position: KNOWN_POSITION,
    path: [],
    precedence: precedenceOf('tokenize'),
    match: undefined,
    removes: false,
    conceal: () => replacement,
  };
}
