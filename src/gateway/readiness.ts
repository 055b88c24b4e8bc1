import { describeThrown } from '../domain/index.js';
import type { GatewayParts } from './parts.js';

/** Whether this gateway can decide on messages, and if not, everything that stands in the way. */
export interface Readiness {
  readonly ready: boolean;
  readonly revision?: string;
  readonly problems: readonly string[];
  /** What is wrong, and does not stand in the way. */
  readonly warnings?: readonly string[];
}

/**
 * Not ready without a verified bundle, nor with an expired one where that fails closed, nor before every
 * issuer's keys could be had once, nor while it is not known who is revoked.
 */
export function readiness(parts: GatewayParts): Readiness {
  const { revision } = parts.engine;
  const problems: string[] = [];
  if (revision === undefined) {
    const { lastError } = parts.bundleStatus();
    problems.push(lastError === undefined ? 'no policy bundle yet' : `no policy bundle: ${lastError}`);
  }
  const expiry = expiryWords(parts);
  const isRefusing = parts.settings.onBundleExpiry === 'fail_closed';
  if (isRefusing) problems.push(...expiry);
  for (const issuer of parts.identifier.status()) {
    if (!issuer.ready)
      problems.push(`issuer ${issuer.issuer}: ${issuer.problem ?? 'its keys were not fetched yet'}`);
  }
  problems.push(...revocationWords(parts));
  return {
    ready: problems.length === 0,
    ...(revision !== undefined && { revision: revision.revision }),
    problems,
    ...(!isRefusing && expiry.length > 0 && { warnings: expiry }),
  };
}

function expiryWords({ bundleStatus }: GatewayParts): readonly string[] {
  const { expiry } = bundleStatus();
  return expiry?.isPast ? [`the policy bundle in force expired at ${expiry.at}`] : [];
}

function revocationWords({ revocation }: GatewayParts): readonly string[] {
  try {
    revocation?.desk.mustBeCurrent();
    return [];
  } catch (thrown) {
    return [describeThrown(thrown)];
  }
}
