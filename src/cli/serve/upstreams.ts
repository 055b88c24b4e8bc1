import { join } from 'node:path';
import type { Logger } from 'winston';
import type { Audit } from '../../audit/index.js';
import type { Config, GatewayConfig, UpstreamConfig } from '../../config/index.js';
import type { KnownUpstream } from '../../gateway/index.js';
import {
  createHttpUpstream,
  createSigner,
  createSseUpstream,
  createStdioUpstream,
  type Signer,
  type Upstream,
} from '../../upstream/index.js';

/** What roads to upstreams need beside their own configuration. */
export interface RoadSurroundings {
  readonly audit: Audit;
  readonly log: Logger;
  /** Missing where no upstream gets tokens that the gateway signs. */
  readonly signer: Signer | undefined;
}

/** What signs tokens for upstreams, where one is to get such. */
export function signerOf(
  config: Config,
  { publicUrl, upstreams }: GatewayConfig,
  log: Logger,
): Signer | undefined {
  const signs = upstreams.some(
    (upstream) => upstream.transport !== 'stdio' && upstream.credential?.kind === 'signed_jwt',
  );
  if (!signs) return undefined;
  return createSigner({ issuer: publicUrl, directory: join(config.stateDirectory, 'upstream-keys'), log });
}

/** All upstreams by their names, each with the road that its configuration names. */
export function upstreamsOf(
  { upstreams, limits }: GatewayConfig,
  surroundings: RoadSurroundings,
): ReadonlyMap<string, KnownUpstream> {
  return new Map(
    upstreams.map((upstream) => {
      const { name, labels, requireBinding, scopes } = upstream;
      return [
        name,
        {
          identity: { name, labels },
          road: roadTo(upstream, limits.messageBytes, surroundings),
          requireBinding,
          scopes,
        },
      ];
    }),
  );
}

function roadTo(
  upstream: UpstreamConfig,
  messageBytes: number,
  { audit, log, signer }: RoadSurroundings,
): Upstream {
  const signs = signer === undefined ? {} : { signer };
  switch (upstream.transport) {
    case 'streamable_http':
      return createHttpUpstream({ ...upstream, ...signs, log });
    case 'sse':
      return createSseUpstream({ ...upstream, ...signs, messageBytes, log });
    case 'stdio':
      return createStdioUpstream({
        ...upstream,
        ...upstream.stdio,
        messageBytes,
        recordStray: (event) => audit.append(event),
        log,
      });
  }
}
