import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describeThrown } from '../domain/index.js';
import { UsageError } from './exit.js';

/** A client's own credentials at an OIDC provider, for the OAuth 2.0 client credentials grant (RFC 6749, section 4.4). */
interface ClientCredentials {
  readonly token_endpoint: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** What the token is for (RFC 8707). */
  readonly resource?: string;
  readonly scope?: string;
}

const isClientCredentials = new Ajv().compile<ClientCredentials>({
  type: 'object',
  additionalProperties: false,
  required: ['token_endpoint', 'client_id', 'client_secret'],
  properties: {
    token_endpoint: { type: 'string' },
    client_id: { type: 'string' },
    client_secret: { type: 'string' },
    resource: { type: 'string' },
    scope: { type: 'string' },
  },
});
const isTokenResponse = new Ajv().compile<{ access_token: string }>({
  type: 'object',
  required: ['access_token'],
  properties: { access_token: { type: 'string' } },
});

/** Where a command takes its bearer token from. */
export interface TokenSource {
  /** A file of client credentials. */
  readonly credentials?: string;
  /** A file that holds a token, such as one that a platform projects into a workload. */
  readonly tokenFile?: string;
}

/**
 * A bearer token for a call: from a token file, from client credentials, or from `REGATE_TOKEN`.
 *
 * @throws UsageError `usage`, `unreadable_file`, `unreachable`, `refused`
 */
export async function obtainToken(source: TokenSource): Promise<string> {
  if (source.tokenFile !== undefined) return (await readText(source.tokenFile)).trim();
  const credentials = source.credentials ?? process.env['REGATE_CREDENTIALS'];
  if (credentials !== undefined) return requestToken(await readCredentials(credentials));
  const token = process.env['REGATE_TOKEN'];
  if (token !== undefined && token !== '') return token;
  throw new UsageError(
    'usage',
    'this command needs to know who you are',
    'Give --credentials FILE or --token-file FILE, or set REGATE_TOKEN.',
  );
}

async function requestToken(credentials: ClientCredentials): Promise<string> {
  const { token_endpoint, client_id, client_secret, resource, scope } = credentials;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (resource !== undefined) form.set('resource', resource);
  if (scope !== undefined) form.set('scope', scope);
  const basic = Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`).toString(
    'base64',
  );
  const headers = { Authorization: `Basic ${basic}` };
  const response = await fetch(token_endpoint, {
    method: 'POST',
    headers,
    body: form,
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new UsageError(
      'unreachable',
      `no token: ${token_endpoint} could not be reached`,
      'Check that the OIDC provider runs.',
      cause,
    );
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isTokenResponse(body)) return body.access_token;
  throw new UsageError(
    'refused',
    `no token: the OIDC provider answered ${response.status}`,
    'Check the client id and secret in the credentials file.',
  );
}

async function readCredentials(path: string): Promise<ClientCredentials> {
  const text = await readText(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      'unreadable_file',
      `${path} is not JSON`,
      'It holds token_endpoint, client_id and client_secret.',
      cause,
    );
  }
  if (isClientCredentials(parsed)) return parsed;
  throw new UsageError(
    'unreadable_file',
    `${path} holds no client credentials`,
    'It needs token_endpoint, client_id and client_secret, and may have resource and scope.',
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${path}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  }
}
