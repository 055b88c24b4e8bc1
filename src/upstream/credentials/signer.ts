import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JWTPayload, SignJWT } from 'jose';
import type { UpstreamLog } from '../connection.js';
import { ALGORITHM, SigningKeys } from './signing-keys.js';

/** Signs tokens in the gateway's own name, and publishes what they are verified with. */
export interface Signer {
  /** `iss` of its tokens: the gateway's public URL, below which the keys are at `/.well-known/jwks.json`. */
  readonly issuer: string;
  /** @throws Error where the key cannot be had */
  sign(claims: JWTPayload): Promise<string>;
  /** Answers a request with the key set (RFC 7517, section 5); fits an Express route. */
  publish(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface SignerOptions {
  readonly issuer: string;
  /** The folder of its keys, in the state of the gateway. */
  readonly directory: string;
  readonly log: UpstreamLog;
}

/** How long the key set may be kept; keys are published a day before they sign. */
const KEPT_SECONDS = 300;

/** Makes a signer; its first key is made when it first signs or publishes. */
export function createSigner({ issuer, directory, log }: SignerOptions): Signer {
  const keys = new SigningKeys(directory);
  return {
    issuer,
    async sign(claims) {
      const { privateKey, jwk } = await keys.signing();
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid: jwk.kid, typ: 'JWT' })
        .sign(privateKey);
    },
    async publish(_request, response) {
      const published = await keys.published().catch((cause: Error) => {
        log.warn('the keys that upstreams verify with cannot be published', { detail: cause.message });
        return undefined;
      });
      if (published === undefined) {
        response.writeHead(503).end();
        return;
      }
      const headers = {
        'Content-Type': 'application/json',
        'Cache-Control': `public, max-age=${KEPT_SECONDS}`,
      };
      response.writeHead(200, headers).end(JSON.stringify(published));
    },
  };
}
