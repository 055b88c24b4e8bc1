import type { Response } from 'express';
import type { JsonObject } from '../domain/index.js';
import { possessionMetadata, proofChallenge } from './binding.js';
import type { Scheme } from './caller.js';
import type { GatewayParts, GatewaySettings, KnownUpstream } from './parts.js';
import type { Refusal } from './refusal.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Where an upstream's metadata stands: its path behind the well-known one (RFC 9728, section 3.1). */
export const METADATA_PATH = `${WELL_KNOWN}/mcp/:upstream`;

/** The URI of an upstream, by which clients ask for tokens (RFC 8707, section 2). Of the configuration alone. */
export function resourceUri({ publicUrl }: GatewaySettings, upstream: string): string {
  return `${publicUrl}/mcp/${upstream}`;
}

/** Answers with an upstream's protected-resource metadata, which pages of any origin may read. */
export function respondMetadata(
  { settings, upstreams }: Pick<GatewayParts, 'settings' | 'upstreams'>,
  name: string,
  response: Response,
): void {
  const upstream = upstreams.get(name);
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (upstream === undefined) {
    response.status(404).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(resourceMetadata(settings, upstream)));
}

/** Protected-resource metadata (RFC 9728, section 2): who may issue tokens for an upstream, and what they have to be. */
export function resourceMetadata(settings: GatewaySettings, upstream: KnownUpstream): JsonObject {
  const { identity, scopes } = upstream;
  return {
    resource: resourceUri(settings, identity.name),
    resource_name: identity.name,
    authorization_servers: settings.issuers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...possessionMetadata(settings, upstream),
  };
}

/**
 * The `WWW-Authenticate` of a 401, and of a 403 for want of scopes (RFC 6750, section 3; RFC 9728, section 5.1; RFC 9449,
 * section 7.1). Bearer comes first, since there are clients that look no further.
 *
 * @param name - of the upstream, where one was called
 * @param scheme - by which the caller came: the error is told under it
 */
export function challenge(
  { settings, upstreams }: Pick<GatewayParts, 'settings' | 'upstreams'>,
  name: string | undefined,
  refusal: Refusal,
  scheme: Scheme,
): string {
  const upstream = name === undefined ? undefined : upstreams.get(name);
  const where =
    upstream === undefined ? [] : [parameter('resource_metadata', metadataUrl(settings, upstream))];
  const scopes = refusal.scopes ?? upstream?.scopes ?? [];
  const scope = scopes.length === 0 ? [] : [parameter('scope', scopes.join(' '))];
  const error = errorParameters(refusal);
  const bearer = [...(scheme === 'Bearer' ? error : []), ...scope, ...where].join(', ');
  const proof = proofChallenge(settings, scheme === 'DPoP' ? [...error, ...scope, ...where] : []);
  return [bearer === '' ? 'Bearer' : `Bearer ${bearer}`, ...proof].join(', ');
}

function metadataUrl({ publicUrl }: GatewaySettings, { identity }: KnownUpstream): string {
  return `${publicUrl}${WELL_KNOWN}/mcp/${identity.name}`;
}

function errorParameters({ challengeError, message }: Refusal): string[] {
  if (challengeError === undefined) return [];
  return [parameter('error', challengeError), parameter('error_description', describing(message))];
}

function parameter(name: string, value: string): string {
  return `${name}="${value}"`;
}

const MOST_DESCRIBED = 300;

/** What of a sentence may stand in a header: the characters of RFC 6750, section 3, and not too many of them. */
function describing(message: string): string {
  return message
    .replaceAll(/["\\]/g, "'")
    .replaceAll(/[^ -~]/g, '?')
    .slice(0, MOST_DESCRIBED);
}
