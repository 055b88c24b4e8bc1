import { CorridorError, describeThrown } from '../../domain/index.js';
import type { UpstreamLog } from '../connection.js';
import { credentialTooSlow, UpstreamError, withoutCredential } from '../errors.js';
import { clientCredentials } from './client-credentials.js';
import type { Credential } from './credential.js';
import { headerCredential } from './header.js';
import type { CredentialOptions } from './options.js';
import { signedJwt } from './signed-jwt.js';
import type { Signer } from './signer.js';
import { isTimeOut } from './token-endpoint.js';
import { tokenExchange } from './token-exchange.js';

/** What a road to an upstream is given of its credential. */
export interface ProvingOptions {
  /** How the gateway proves itself; without it, fixed headers are all. */
  readonly credential?: CredentialOptions;
  /** Signs for `signed_jwt`. */
  readonly signer?: Signer;
  readonly log?: UpstreamLog;
}

/**
 * Makes the credential of one upstream.
 *
 * @param name - the upstream's
 * @returns undefined where none is configured
 * @throws TypeError for `signed_jwt` without a signer
 */
export function createCredential(
  name: string,
  { credential: options, signer, log }: ProvingOptions,
): Credential | undefined {
  if (options === undefined) return undefined;
  const warn = (why: unknown) =>
    log?.warn('a credential that is still good could not be renewed', {
      upstream: name,
      detail: describeThrown(why),
    });
  return withTypedErrors(name, credentialOf(options, signer, warn));
}

function credentialOf(
  options: CredentialOptions,
  signer: Signer | undefined,
  warn: (why: unknown) => void,
): Credential {
  switch (options.kind) {
    case 'header':
      return headerCredential(options);
    case 'client_credentials':
      return clientCredentials(options, warn);
    case 'token_exchange':
      return tokenExchange(options, warn);
    case 'signed_jwt':
      if (signer === undefined)
        throw new TypeError('an upstream is proven to by signed tokens without a signer');
      return signedJwt(options, signer);
  }
}

/** Whatever stands in the way of a credential stops the request, as a failure of this upstream. */
function withTypedErrors(name: string, credential: Credential): Credential {
  return {
    ...credential,
    async headersFor(outgoing, signal) {
      try {
        return await credential.headersFor(outgoing, signal);
      } catch (cause) {
        if (cause instanceof UpstreamError || cause instanceof CorridorError || signal.aborted) throw cause;
        throw isTimeOut(cause) ? credentialTooSlow(name, cause) : withoutCredential(name, cause);
      }
    },
  };
}
