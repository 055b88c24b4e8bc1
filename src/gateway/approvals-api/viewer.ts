import type { Request, Response } from 'express';
import type { Principal } from '../../domain/index.js';
import { IdentityError } from '../../identity/index.js';
import { mustBeForGateway } from '../audience.js';
import { authorizationOf, identifyCaller } from '../caller.js';
import { checkHost } from '../connect.js';
import type { GatewayParts } from '../parts.js';

/** Who asks, and until when a stream may tell them anything. */
export interface Viewer {
  readonly principal: Principal;
  /** Whether what proved them still does. */
  readonly holds: () => Promise<boolean>;
}

/**
 * Whose request it is: the bearer token's owner, or who is signed in to the page. A request that has an `Authorization`
 * header is never taken by its cookie.
 *
 * @throws GatewayError `host_refused`, `origin_refused`
 * @throws IdentityError all that can be wrong with a credential
 * @throws {PageError} `signed_out`, `cross_site`
 */
export async function viewerOf(parts: GatewayParts, request: Request, response: Response): Promise<Viewer> {
  const { page, settings } = parts;
  const own = page === undefined ? [] : [page.publicUrl];
  checkHost(request, { ...settings, allowedOrigins: [...settings.allowedOrigins, ...own] });
  const hasToken = authorizationOf(request) !== undefined;
  if (hasToken || page === undefined || request.headers.cookie === undefined)
    return byToken(parts, await identifyCaller(parts, request, response));
  const session = await page.session(request);
  return { principal: session.principal, holds: () => page.holds(session) };
}

/**
 * Asked again when a body has come, which may take long.
 *
 * @throws IdentityError `token_revoked`
 */
export async function mustStillHold({ principal, holds }: Viewer): Promise<void> {
  if (!(await holds()))
    throw new IdentityError('token_revoked', `what proved ${principal.id} is over, or was revoked`);
}

/** @param principal - of a token that was verified just now */
function byToken({ revocation, settings }: GatewayParts, principal: Principal): Viewer {
  mustBeForGateway(settings, principal);
  const { exp } = principal.claims;
  const isCurrent = () => typeof exp !== 'number' || Date.now() < exp * 1000;
  return { principal, holds: async () => isCurrent() && revocation?.desk.isRevoked(principal) !== true };
}
