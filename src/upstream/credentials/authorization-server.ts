import { describeThrown } from '../../domain/index.js';
import type { AuthorizationServer } from './options.js';
import { Renewed } from './renewed.js';
import { fetchJson, isSecure, isTimeOut } from './token-endpoint.js';

/** Metadata are asked for again after so long. */
const METADATA_LIFE_MILLISECONDS = 3_600_000;

/** Where tokens are to be had, and what a client's assertion must be made for. */
export interface TokenServer {
  readonly endpoint: string;
  readonly audience: string;
}

/** Finds out where an authorization server's token endpoint is, when it is needed. */
export function tokenServerOf(
  server: AuthorizationServer,
  closed: AbortSignal,
  onLateFailure: (why: unknown) => void,
): () => Promise<TokenServer> {
  if ('tokenEndpoint' in server) {
    const known = { endpoint: server.tokenEndpoint, audience: server.tokenEndpoint };
    return async () => known;
  }
  const { issuer } = server;
  const endpoint = new Renewed<string>(onLateFailure);
  const discover = async () => ({
    value: await discoverTokenEndpoint(issuer, closed),
    expiresAt: Date.now() + METADATA_LIFE_MILLISECONDS,
  });
  return async () => ({ endpoint: await endpoint.get(discover), audience: issuer });
}

/**
 * The token endpoint that an issuer's metadata name: RFC 8414, section 3, or else OpenID Connect Discovery 1.0,
 * section 4. A document counts only where it is about this very issuer.
 */
async function discoverTokenEndpoint(issuer: string, closed: AbortSignal): Promise<string> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return tokenEndpointIn(await fetchJson(url, closed), issuer, url);
    } catch (thrown) {
      if (isTimeOut(thrown)) throw thrown;
      problems.push(describeThrown(thrown));
    }
  }
  throw new Error(`no metadata of ${issuer}: ${problems.join('; ')}`);
}

function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

function tokenEndpointIn(document: unknown, issuer: string, url: string): string {
  if (typeof document !== 'object' || document === null) throw new Error(`${url} is no JSON object`);
  if (!('issuer' in document) || document.issuer !== issuer)
    throw new Error(`${url} is the document of another issuer`);
  if (!('token_endpoint' in document) || typeof document.token_endpoint !== 'string')
    throw new Error(`${url} names no token endpoint`);
  const endpoint = document.token_endpoint;
  if (!isSecure(endpoint) || (issuer.startsWith('https:') && !endpoint.startsWith('https:')))
    throw new Error(`${url} names a token endpoint that is not https`);
  return endpoint;
}
