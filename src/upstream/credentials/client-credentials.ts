import { unlessAborted } from '../deadline.js';
import { tokenServerOf } from './authorization-server.js';
import { authenticate } from './client-authentication.js';
import { bearer, type Credential } from './credential.js';
import type { ClientCredentialsOptions } from './options.js';
import { Renewed } from './renewed.js';
import { requestToken } from './token-endpoint.js';

/** One token of the gateway's own for all requests to an upstream (RFC 6749, section 4.4). */
export function clientCredentials(
  { server, client, scope, resource }: ClientCredentialsOptions,
  onLateFailure: (why: unknown) => void,
): Credential {
  const closing = new AbortController();
  const tokenServer = tokenServerOf(server, closing.signal, onLateFailure);
  const token = new Renewed<string>(onLateFailure);

  async function obtain() {
    const { endpoint, audience } = await tokenServer();
    const own = await authenticate(client, audience);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope !== undefined && { scope }),
      ...(resource !== undefined && { resource }),
      ...own.form,
    });
    return requestToken({ endpoint, headers: own.headers, form }, closing.signal);
  }

  return {
    headersFor: async (_outgoing, signal) => bearer(await unlessAborted(token.get(obtain), signal)),
    refused: ({ authorization }) => token.drop((value) => bearer(value)['authorization'] === authorization),
    close: () => closing.abort(),
  };
}
