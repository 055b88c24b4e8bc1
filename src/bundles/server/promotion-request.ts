import { shapeCheck } from '../../domain/index.js';
import { readBounded } from '../bounded-body.js';
import { BundleError } from '../error.js';
import { parseOrUndefined } from '../json-text.js';

/** The body of a promotion. */
export interface PromotionRequest {
  readonly from: string;
  readonly digest?: string;
  readonly shadow_decisions?: number;
}

const BODY_BYTES = 16 * 1024;

const isPromotionRequest = shapeCheck<PromotionRequest>({
  type: 'object',
  additionalProperties: false,
  required: ['from'],
  properties: {
    from: { type: 'string' },
    digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
    shadow_decisions: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
  },
});

/** @throws BundleError `request_invalid`, `archive_too_big` */
export async function readPromotionRequest(body: AsyncIterable<Uint8Array>): Promise<PromotionRequest> {
  const request = parseOrUndefined((await readBounded(body, BODY_BYTES)).toString('utf8'));
  if (isPromotionRequest(request)) return request;
  throw new BundleError(
    'request_invalid',
    'the body is no promotion',
    'Send {"from": "CHANNEL"}, and if you like "digest": "sha256:…" and "shadow_decisions": 1000 (a whole number up to 1000000000).',
  );
}
