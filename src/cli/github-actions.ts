import { shapeCheck } from '../domain/index.js';
import { UsageError } from './exit.js';

const TIMEOUT_MILLISECONDS = 10_000;

const isTokenResponse = shapeCheck<{ readonly value: string }>({
  type: 'object',
  required: ['value'],
  properties: { value: { type: 'string', minLength: 1 } },
});

/**
 * The OIDC token of a GitHub Actions job, made for this call: a job needs no secret to say who it is.
 * https://docs.github.com/en/actions/reference/security/oidc
 *
 * @param audience what the token is for
 * @throws UsageError `usage` outside of a job that may ask for one, `unreachable`, `refused`
 */
export async function requestGitHubToken(
  audience: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (audience === undefined) {
    throw new UsageError(
      'usage',
      'a token is for somebody, and it is not said for whom',
      "Give --audience TEXT: one of the bundle server's `audiences`.",
    );
  }
  const { url, credential } = endpointOf(environment);
  url.searchParams.set('audience', audience);
  const response = await fetch(url, {
    headers: { Authorization: `Bearer ${credential}`, Accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  }).catch((cause: unknown) => {
    throw new UsageError(
      'unreachable',
      `no token: GitHub's token endpoint at ${url.host} could not be reached`,
      'Run the job again; if this stays, see githubstatus.com.',
      cause,
    );
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isTokenResponse(body)) return body.value;
  throw new UsageError(
    'refused',
    `no token: GitHub's token endpoint answered ${response.status}`,
    'Ask within the job that has the permission, and before it ends.',
  );
}

function endpointOf(environment: NodeJS.ProcessEnv): { url: URL; credential: string } {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential = '' } =
    environment;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && credential !== '') return { url, credential };
  throw new UsageError(
    'usage',
    'this is no GitHub Actions job that may ask for a token',
    'Give the job the permission: `permissions: { id-token: write }`.',
  );
}
