import { type Decision, type JsonDocument, Obliged } from '../domain/index.js';
import { compileMasks } from './masks.js';
import { rewrite } from './rewriting.js';
import { select } from './selection.js';
import { splice } from './splice.js';

/**
 * Carries out all of a decision's masks on a document. Changed values are spliced into the bytes; all else stays byte
 * for byte, and where nothing was masked the result's bytes are the document's own buffer.
 *
 * A mask without `match` takes the whole value at its path, and the value becomes a JSON string (or the literal),
 * whatever kind it was. Where two masks take the same value the one that hides more prevails, where one lies within
 * another the outer does. What is masked at one place is masked wherever it stands: see `consistency.ts`.
 *
 * @param options.hashKey key of the `hash` strategy, 32 bytes or more
 * @throws MaskingError if a mask cannot be carried out; the message must then not pass
 */
export function carryOut(document: JsonDocument, decision: Decision, options: { hashKey: Buffer }): Obliged {
  if (decision.mask.length === 0) return new Obliged(document, decision, document.bytes, []);
  const masks = compileMasks(decision.mask, document, options.hashKey);
  const selection = select(document, masks);
  const { edits, causes } = rewrite(document, selection);

  const counts = decision.mask.map(() => 0);
  for (const { position } of causes) counts[position] = (counts[position] ?? 0) + 1;
  const masked = decision.mask.map(({ path }, position) => ({ path, count: counts[position] ?? 0 }));
  return new Obliged(document, decision, splice(document.bytes, edits), masked);
}
