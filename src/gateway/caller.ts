import type { Request, Response } from 'express';
import type { Principal } from '../domain/index.js';
import type { Credential } from '../identity/index.js';
import { certificateOf } from './client-certificate.js';
import type { GatewayParts, GatewaySettings } from './parts.js';

/** How a caller presents its token. */
export type Scheme = 'Bearer' | 'DPoP';

/**
 * Finds out who sent a request. Its answer, whatever it will be, offers the nonce for the next proof (RFC 9449, sections
 * 8.2 and 9).
 *
 * @throws IdentityError; StoreError where it cannot be known whether a proof was used before
 */
export function identifyCaller(
  { identifier, settings }: Pick<GatewayParts, 'identifier' | 'settings'>,
  request: Request,
  response: Response,
): Promise<Principal> {
  const nonce = schemeOf(request) === 'DPoP' ? identifier.nonce() : undefined;
  if (nonce !== undefined) response.setHeader('DPoP-Nonce', nonce);
  return identifier.identify(credentialOf(request, settings));
}

/** By which scheme a caller came, or would come. */
export function schemeOf(request: Request): Scheme {
  return /^dpop(?: |$)/i.test(request.headers.authorization ?? '') ? 'DPoP' : 'Bearer';
}

/** The `Authorization` header; all of them where there are several, which is then no credential, not the first. */
export function authorizationOf(request: Request): string | undefined {
  return request.headersDistinct['authorization']?.join(', ');
}

/** All that a request brings to show whose it is. */
function credentialOf(request: Request, { publicUrl, possession }: GatewaySettings): Credential {
  const [path = ''] = request.originalUrl.split('?', 1);
  return {
    authorization: authorizationOf(request),
    proof: {
      headers: request.headersDistinct['dpop'] ?? [],
      method: request.method,
      url: `${publicUrl}${path}`,
    },
    certificate: () => certificateOf(request, possession.trustedProxies),
  };
}
