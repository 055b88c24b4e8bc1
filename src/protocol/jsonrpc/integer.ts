import type { JsonDocument, JsonNode } from '../../domain/index.js';

/** Whether a value is a number written without fraction and exponent, `-?(0|[1-9]\d*)`. */
export function isInteger(document: JsonDocument, node: JsonNode): boolean {
  return document.kind(node) === 'number' && /^-?\d+$/.test(document.text(node));
}
