import { readFileSync } from 'node:fs';
import { type RevocationMatch, type ShapeCheck, shapeCheck } from '../../domain/index.js';

/** A revocation as policy authors write it into a bundle's data. */
export interface RevocationEntry extends RevocationMatch {
  readonly id?: string;
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly expires_at?: string;
}

/** A revocation as an operator asks for it. */
export interface RevocationRequest extends RevocationMatch {
  readonly reason: string;
  /** For how long; for good where undefined. */
  readonly duration_seconds?: number;
  /** Whether it may match whoever asks for it. */
  readonly force?: boolean;
}

const MOST_SECONDS = 10 * 366 * 24 * 3600;

const {
  $schema: _,
  $id: __,
  ...entriesSchema
} = JSON.parse(
  readFileSync(new URL('../../../schemas/settings/revocations.schema.json', import.meta.url), 'utf8'),
);
const { id: _id, expires_at: _end, ...members } = entriesSchema.properties.entries.items.properties;

/** `data.settings.revocations`, by `schemas/settings/revocations.schema.json`. */
export const isRevocationsData: ShapeCheck<{ readonly entries: readonly RevocationEntry[] }> =
  shapeCheck(entriesSchema);

/** The body of a request to revoke. A subject's issuer may be missing: there may be one only. */
export const isRevocationRequest: ShapeCheck<RevocationRequest> = shapeCheck({
  type: 'object',
  additionalProperties: false,
  required: ['reason'],
  anyOf: ['issuer', 'subject', 'client_id', 'token_id', 'claims'].map((name) => ({ required: [name] })),
  properties: {
    ...members,
    duration_seconds: { type: 'integer', minimum: 1, maximum: MOST_SECONDS },
    force: { type: 'boolean' },
  },
});

/** What a revocation matches, out of all else that is said of it; its members always in one order. */
export function matchOf({
  issuer,
  subject,
  client_id,
  token_id,
  claims,
  issued_before,
}: RevocationMatch): RevocationMatch {
  return {
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
    ...(client_id !== undefined && { client_id }),
    ...(token_id !== undefined && { token_id }),
    ...(claims !== undefined && { claims: claims.map(({ path, value }) => ({ path, value })) }),
    ...(issued_before !== undefined && { issued_before }),
  };
}
