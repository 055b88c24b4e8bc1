import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { describeThrown, shapeCheck } from '../domain/index.js';
import { UsageError } from './exit.js';
import { requestGitHubToken } from './github-actions.js';

/** A client's own credentials at an OIDC provider, for the OAuth 2.0 client credentials grant (RFC 6749, section 4.4). */
interface ClientCredentials {
  readonly token_endpoint: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** What the token is for (RFC 8707). */
  readonly resource?: string;
  readonly scope?: string;
}

const isClientCredentials = shapeCheck<ClientCredentials>({
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
const isTokenResponse = shapeCheck<{ readonly access_token: string; readonly expires_in?: number }>({
  type: 'object',
  required: ['access_token'],
  properties: { access_token: { type: 'string' }, expires_in: { type: 'number' } },
});

/** After so much of its life a token that is kept is asked for anew. */
const RENEWED_AFTER = 0.8;

/** Where a command takes its bearer token from. */
export interface TokenSource {
  /** A file of client credentials. */
  readonly credentials?: string;
  /** A file that holds a token, such as one that a platform projects into a workload. */
  readonly tokenFile?: string;
  /** The platform that makes a token for this process. */
  readonly tokenFrom?: 'github-actions';
  /** What that token is for. */
  readonly audience?: string;
}

/** The options of a command that publishes: it says who it is by the token of its platform, or by credentials. */
export function addPublisherOptions(command: Command): Command {
  return command
    .option('--credentials <file>', 'client credentials to sign in with (or REGATE_CREDENTIALS)')
    .option('--token-file <file>', 'a file that holds your token')
    .addOption(
      new Option('--token-from <platform>', 'ask the platform that this runs on for a token')
        .choices(['github-actions'])
        .conflicts(['credentials', 'tokenFile']),
    )
    .option('--audience <text>', 'what the token of the platform is for, as the bundle server expects it');
}

/**
 * A bearer token for a call: from the platform, from a token file, from client credentials, or from `REGATE_TOKEN`.
 *
 * @throws UsageError `usage`, `unreadable_file`, `unreachable`, `refused`
 */
export async function obtainToken(source: TokenSource): Promise<string> {
  if (source.tokenFrom !== undefined) return requestGitHubToken(source.audience, process.env);
  if (source.tokenFile !== undefined) return (await readText(source.tokenFile)).trim();
  const credentials = source.credentials ?? process.env['REGATE_CREDENTIALS'];
  if (credentials !== undefined) return (await requestToken(await readCredentials(credentials))).token;
  const token = process.env['REGATE_TOKEN'];
  if (token !== undefined && token !== '') return token;
  throw new UsageError(
    'usage',
    'this command needs to know who you are',
    'Give --credentials FILE or --token-file FILE, or set REGATE_TOKEN.',
  );
}

/**
 * The same for a process that calls again and again: a file is read each time, and a token that the OIDC provider gave
 * serves for most of its life.
 *
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function tokensFrom(
  source: Pick<TokenSource, 'tokenFile' | 'credentials'>,
  now: () => number = Date.now,
): () => Promise<string> {
  const { credentials } = source;
  if (credentials === undefined) return () => obtainToken(source);
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (kept !== undefined && now() < kept.until) return kept.token;
    const asked = now();
    const { token, lifeSeconds } = await requestToken(await readCredentials(credentials));
    kept = { token, until: asked + lifeSeconds * 1000 * RENEWED_AFTER };
    return token;
  };
}

/** A token of the OIDC provider's; its life is 0 where that is not said. */
async function requestToken(
  credentials: ClientCredentials,
): Promise<{ readonly token: string; readonly lifeSeconds: number }> {
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
  if (response.ok && isTokenResponse(body))
    return { token: body.access_token, lifeSeconds: body.expires_in ?? 0 };
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
