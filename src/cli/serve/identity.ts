import type { Config, GatewayConfig } from '../../config/index.js';
import { LiveExchanges, type RevocationParts } from '../../gateway/index.js';
import {
  createIdentifier,
  createRevocationDesk,
  type Identifier,
  type IdentifierOptions,
  type RevocationDesk,
  Revocations,
} from '../../identity/index.js';
import type { Store } from '../../store/index.js';
import type { BundleJournal } from './bundle-events.js';

/** What revokes credentials, and knows what is under way with them. */
export function revocationOf(
  { revokerGroups }: GatewayConfig,
  { journal: { audit, log }, store }: { readonly journal: BundleJournal; readonly store: Store },
): RevocationParts {
  const desk = createRevocationDesk({
    store: store.revocations,
    record: (event) => audit.append(event),
    revocations: new Revocations(),
    log,
  });
  return { desk, live: new LiveExchanges(), groups: revokerGroups };
}

/** What makes principals of credentials. */
export async function identifierOf(
  config: Config,
  { store, desk }: { readonly store: Store; readonly desk: RevocationDesk },
): Promise<Identifier> {
  return createIdentifier({
    issuers: config.identity.issuers,
    isRevoked: (principal) => desk.isRevoked(principal),
    ...(await proofsOf(config, store)),
  });
}

/** How callers prove to have the key of their token. */
async function proofsOf(
  { identity: { dpop } }: Config,
  { proofs }: Store,
): Promise<Pick<IdentifierOptions, 'dpop'>> {
  if (dpop === undefined) return {};
  const { algorithms, maxAgeSeconds, nonceRequired } = dpop;
  const nonceKey = nonceRequired ? { nonceKey: await proofs.nonceKey() } : {};
  return { dpop: { algorithms, maxAgeSeconds, store: proofs, ...nonceKey } };
}
