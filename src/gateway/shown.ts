import type { ShownCall } from '../approvals/index.js';
import type { Judged, RequestMessage } from '../domain/index.js';
import { readJson } from '../protocol/index.js';
import { oblige, toolName } from './judge.js';
import type { GatewayParts } from './parts.js';
import { previewOf } from './preview.js';

/**
 * What the people who vote are shown of a held call: its params as they were sent, but for the values that policy masks,
 * and the tool's definition as its server last gave it.
 *
 * @param tool - its definition: JSON, as a text; undefined where it was not listed yet; and how that is not as it is pinned
 * @throws MaskingError where a mask cannot be carried out: what must not be seen is not shown
 */
export function shownOf(
  parts: GatewayParts,
  held: Judged,
  request: RequestMessage,
  { definition, difference }: { definition: string | undefined; difference: string | undefined },
): ShownCall {
  const obliged = oblige(parts, held);
  const masked = obliged.bytes !== request.document.bytes;
  const document = masked
    ? readJson(obliged.bytes, { maxDepth: parts.settings.limits.depth })
    : request.document;
  const params = document.at('params');
  const tool = toolName(held.received);
  const preview = previewOf(document, params, request.method === 'tools/call');
  return {
    ...(tool !== undefined && { tool }),
    ...(definition !== undefined && { definition }),
    ...(difference !== undefined && { difference }),
    arguments: params === undefined ? '{}' : document.text(params),
    ...(preview !== '' && { preview }),
    ...(masked && { masked: true as const }),
    reasons: held.decision.reasons,
  };
}
