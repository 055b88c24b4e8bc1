import type { JsonDocument, JsonNode } from '../../domain/index.js';
import { ProtocolError, type ProtocolErrorCode } from '../error.js';

/**
 * The members of an object that have one of the given names; others are passed over.
 *
 * Some receivers find members without regard to case (Go's encoding/json does, with Unicode's folding), so a name
 * that differs from a given one only in case would be nothing to policy and something to them: it is refused.
 *
 * @throws ProtocolError with the given code for such a name
 */
export function membersNamed<Name extends string>(
  document: JsonDocument,
  object: JsonNode,
  names: readonly Name[],
  refusal: ProtocolErrorCode,
): ReadonlyMap<Name, JsonNode> {
  const found = new Map<Name, JsonNode>();
  for (const [key, value] of document.members(object)) {
    const text = document.string(key);
    const name = names.find((candidate) => candidate === text || foldsTo(text, candidate));
    if (name === undefined) continue;
    if (name !== text)
      throw new ProtocolError(refusal, `a member differs from "${name}" only in case`, document.start(key));
    found.set(name, value);
  }
  return found;
}

function foldsTo(text: string, name: string): boolean {
  // Upper case first: ſ and ı are lower case already, and fold to s and i only on that way.
  return text.length === name.length && text.toUpperCase().toLowerCase() === name.toLowerCase();
}
