import { describeThrown, type JsonObject } from '../domain/index.js';
import { readJsonObject } from './json-object.js';

/** Fetches a document by its URL. */
type Fetch = (url: string) => Promise<Uint8Array>;

/**
 * Where an issuer says its keys are: OpenID Connect Discovery 1.0, section 4, or else RFC 8414, section 3.
 *
 * @throws Error with the problem of each place that was tried
 */
export async function discoverKeySet(issuer: string, fetchOne: Fetch): Promise<string> {
  const problems: string[] = [];
  for (const url of discoveryUrls(issuer)) {
    try {
      return keySetUri(url, issuer, documentAt(url, await fetchOne(url)));
    } catch (thrown) {
      problems.push(describeThrown(thrown));
    }
  }
  throw new Error(`no discovery document: ${problems.join('; ')}`);
}

function discoveryUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

function documentAt(url: string, bytes: Uint8Array): JsonObject {
  try {
    return readJsonObject(bytes);
  } catch (thrown) {
    throw new Error(`${url} cannot be read: ${describeThrown(thrown)}`, { cause: thrown });
  }
}

/** Takes a document at its word only where it is about this very issuer (RFC 8414, section 3.3). */
function keySetUri(url: string, issuer: string, document: JsonObject): string {
  if (document['issuer'] !== issuer)
    throw new Error(`${url} is the document of another issuer than ${issuer}`);
  const { jwks_uri } = document;
  if (typeof jwks_uri !== 'string') throw new Error(`${url} has no jwks_uri`);
  return jwks_uri;
}
