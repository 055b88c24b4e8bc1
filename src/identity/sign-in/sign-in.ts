import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Principal } from '../../domain/index.js';
import { IdentityError } from '../errors.js';
import { createIdentifier, type Identifier } from '../identifier.js';
import type { IssuerOptions } from '../options.js';
import { looksLikeJwt } from '../token.js';
import { SignInError } from './errors.js';
import { Provider, type Tokens } from './provider.js';

const TIME_OUT_MILLISECONDS = 10_000;

export interface SignInOptions {
  /** Whose people sign in. */
  readonly issuer: IssuerOptions;
  readonly clientId: string;
  /** Path of a file with the client's secret alone, where it has one; read each time. */
  readonly clientSecretFile?: string;
  readonly scopes: readonly string[];
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  /** Makes principals of access tokens. */
  readonly identifier: Pick<Identifier, 'identify'>;
}

/** What has to be kept for one browser until it comes back; whoever else gets to know it could finish its sign-in. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who signed in, and until when that holds: milliseconds since 1970-01-01T00:00:00Z. */
export interface SignedIn {
  readonly principal: Principal;
  readonly until: number;
}

/** Signs people in with a browser: OpenID Connect's authorization code flow, with PKCE (RFC 7636). */
export interface SignIn {
  /**
   * Where to send a browser to, and what to keep for it.
   *
   * @throws {SignInError} `sign_in_unavailable`
   */
  begin(): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;
  /**
   * @param answer the query with which the browser came back
   * @throws {SignInError} `sign_in_refused`, `sign_in_unavailable`
   */
  finish(answer: URLSearchParams, pending: PendingSignIn): Promise<SignedIn>;
  /** Begins to fetch the issuer's keys in the background. */
  start(): void;
  /** Ends all fetching. */
  close(): void;
}

export function createSignIn(options: SignInOptions): SignIn {
  const { issuer, clientId, scopes, redirectUri } = options;
  const provider = new Provider(issuer.issuer, TIME_OUT_MILLISECONDS);
  const idTokens = createIdentifier({ issuers: [forIdTokens(issuer, clientId)] });

  return {
    async begin() {
      const metadata = await provider.metadata().catch((cause: unknown) => {
        throw new SignInError('sign_in_unavailable', 'the sign-in service cannot be reached', cause);
      });
      const pending = { state: unguessable(), nonce: unguessable(), verifier: unguessable() };
      const url = new URL(metadata.authorization_endpoint);
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: [...new Set(['openid', ...scopes])].join(' '),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: createHash('sha256').update(pending.verifier).digest('base64url'),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, pending };
    },

    async finish(answer, pending) {
      try {
        const metadata = await provider.metadata();
        const code = codeIn(
          answer,
          pending,
          issuer.issuer,
          metadata.authorization_response_iss_parameter_supported,
        );
        const form = new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          code_verifier: pending.verifier,
        });
        const tokens = await provider.tokens(await authenticate(options, form), form);
        return await whoSignedIn(tokens, pending, { idTokens, accessTokens: options.identifier, issuer });
      } catch (thrown) {
        if (thrown instanceof IdentityError && thrown.code === 'issuer_unavailable')
          throw new SignInError('sign_in_unavailable', 'the sign-in cannot be verified at present', thrown);
        throw new SignInError('sign_in_refused', 'the sign-in did not succeed', thrown);
      }
    },

    start: () => idTokens.start(),
    close: () => {
      provider.close();
      idTokens.close();
    },
  };
}

/**
 * The issuer, as it makes ID tokens for this client: these must be for the client itself, are JWTs, and name no client
 * but as their audience. Only sign-ins take them: to MCP endpoints and to the API they stay of no use.
 */
function forIdTokens({ introspection: _, ...issuer }: IssuerOptions, clientId: string): IssuerOptions {
  return {
    ...issuer,
    audiences: [clientId],
    tokenType: 'any',
    claims: { ...issuer.claims, clientId: 'aud' },
  };
}

function unguessable(): string {
  return randomBytes(32).toString('base64url');
}

/** The code of an answer that belongs to what this browser began, and comes from this issuer (RFC 9207, section 2.4). */
function codeIn(
  answer: URLSearchParams,
  { state }: PendingSignIn,
  issuer: string,
  namesIssuer = false,
): string {
  for (const name of ['state', 'code', 'error', 'iss'])
    if (answer.getAll(name).length > 1) throw new Error(`the answer has several \`${name}\``);
  if (!isSame(answer.get('state') ?? '', state)) throw new Error('the answer is of another sign-in');
  const from = answer.get('iss');
  if (from === null ? namesIssuer : from !== issuer) throw new Error('the answer is from another issuer');
  const error = answer.get('error');
  if (error !== null) throw new Error(`the issuer refused: ${error.replace(/[^a-z_]/g, '').slice(0, 40)}`);
  const code = answer.get('code');
  if (code === null || code === '') throw new Error('the answer has no code');
  return code;
}

/** Proves the client by its secret (RFC 6749, section 2.3.1), or names it where it has none. */
async function authenticate(
  { clientId, clientSecretFile }: SignInOptions,
  form: URLSearchParams,
): Promise<Record<string, string>> {
  const headers = { accept: 'application/json' };
  if (clientSecretFile === undefined) {
    form.set('client_id', clientId);
    return headers;
  }
  const secret = (await readFile(clientSecretFile, 'utf8')).trim();
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString(
    'base64',
  );
  return { ...headers, authorization: `Basic ${basic}` };
}

/**
 * The ID token is what says who signed in, here and now. An access token that is for this gateway speaks for the same
 * person, and may say more of them; one that is for somebody else, or cannot be read, says nothing.
 */
async function whoSignedIn(
  { id_token, access_token }: Tokens,
  { nonce }: PendingSignIn,
  identifiers: {
    readonly idTokens: Identifier;
    readonly accessTokens: Pick<Identifier, 'identify'>;
    readonly issuer: IssuerOptions;
  },
): Promise<SignedIn> {
  const { idTokens, accessTokens, issuer } = identifiers;
  const byIdToken = await idTokens.identify({ authorization: `Bearer ${id_token}` });
  const { nonce: claimed } = byIdToken.claims;
  if (typeof claimed !== 'string' || !isSame(claimed, nonce))
    throw new Error('the ID token is of another sign-in');
  if (access_token === undefined || !looksLikeJwt(access_token)) return until(byIdToken);
  const byAccessToken = await accessTokens
    .identify({ authorization: `Bearer ${access_token}` })
    .catch((thrown: unknown) => {
      if (thrown instanceof IdentityError && thrown.code === 'audience_mismatch') return undefined;
      throw thrown;
    });
  if (byAccessToken === undefined) return until(byIdToken);
  if (byAccessToken.id !== byIdToken.id)
    throw new Error(`the two tokens of ${issuer.issuer} are of different people`);
  return until(byAccessToken);
}

function until(principal: Principal): SignedIn {
  const { exp } = principal.claims;
  if (typeof exp !== 'number') throw new TypeError('a verified token has an `exp`');
  return { principal, until: exp * 1000 };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
