import { createHash } from 'node:crypto';
import type { Revocation } from '../../domain/index.js';
import { revocationError } from './errors.js';
import { isRevocationsData, matchOf, type RevocationEntry } from './shape.js';

/**
 * The revocations that a bundle's data says.
 *
 * @param text - the JSON of `data.settings.revocations`; undefined where the data has none
 * @throws RevocationError `malformed`: a list that cannot be read whole must not pass for a shorter one
 */
export function revocationsIn(text: Uint8Array | undefined): readonly Revocation[] {
  if (text === undefined) return [];
  const data: unknown = JSON.parse(Buffer.from(text).toString());
  if (!isRevocationsData(data))
    throw revocationError(
      'malformed',
      `revocations of a bundle: ${isRevocationsData.problem('revocations')}`,
    );
  const revocations = data.entries.map(revocationOf);
  mustDiffer(revocations.map(({ id }) => id));
  return revocations;
}

function revocationOf(entry: RevocationEntry): Revocation {
  const { id, reason, expires_at } = entry;
  if (expires_at !== undefined && Number.isNaN(Date.parse(expires_at)))
    throw revocationError('malformed', `revocations of a bundle: there is no time ${expires_at}`);
  const match = matchOf(entry);
  const digest = createHash('sha256').update(JSON.stringify([match, reason, expires_at ?? null]));
  return {
    id: id ?? `bundle_${digest.digest('hex').slice(0, 16)}`,
    match,
    reason,
    source: 'bundle',
    ...(expires_at !== undefined && { expires_at }),
  };
}

/** One that stands twice would be lost where the other is taken out. */
function mustDiffer(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw revocationError('malformed', `revocations of a bundle: ${id} stands there twice`);
    seen.add(id);
  }
}
