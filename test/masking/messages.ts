import type { Decision, JsonDocument, MaskObligation } from '../../src/domain/index.js';
import { carryOut } from '../../src/masking/index.js';
import { readJson } from '../../src/protocol/index.js';

export const HASH_KEY = Buffer.alloc(32, 7);

export function documentOf(text: string): JsonDocument {
  return readJson(Buffer.from(text, 'utf8'), { maxDepth: 200 });
}

export function decisionWith(mask: readonly MaskObligation[]): Decision {
  return { effect: 'allow', reasons: [], labels: [], mask };
}

/** Carries out masks on a JSON text: the new text, how many values each mask replaced, and whether bytes are new. */
export function masked(text: string, mask: readonly MaskObligation[]) {
  const document = documentOf(text);
  const obliged = carryOut(document, decisionWith(mask), { hashKey: HASH_KEY });
  return {
    text: obliged.bytes.toString('utf8'),
    counts: obliged.masked.map(({ count }) => count),
    isSameBuffer: obliged.bytes === document.bytes,
  };
}
