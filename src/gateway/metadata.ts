import type { JsonObject } from '../domain/index.js';
import type { GatewaySettings } from './parts.js';
import type { Refusal } from './refusal.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Protected-resource metadata of one upstream (RFC 9728, section 2): who may issue tokens for it. */
export function resourceMetadata(settings: GatewaySettings, upstream: string): JsonObject {
  return {
    resource: `${settings.publicUrl}/mcp/${upstream}`,
    authorization_servers: settings.issuers,
    bearer_methods_supported: ['header'],
  };
}

/** The `WWW-Authenticate` of a 401 (RFC 6750, section 3; RFC 9728, section 5.1). */
export function challenge(settings: GatewaySettings, upstream: string | undefined, refusal: Refusal): string {
  const path = upstream === undefined ? '' : `/mcp/${upstream}`;
  const parameters = [`resource_metadata="${settings.publicUrl}${WELL_KNOWN}${path}"`];
  if (refusal.bearerError !== undefined) {
    parameters.unshift(
      `error="${refusal.bearerError}"`,
      `error_description="${refusal.message.replaceAll(/["\\]/g, "'")}"`,
    );
  }
  return `Bearer ${parameters.join(', ')}`;
}
