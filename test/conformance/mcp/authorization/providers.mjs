/** How a client of the official SDK comes to its tokens, where the SDK itself has no such provider. */
import { signIn } from './browser.mjs';
import { JWT_BEARER } from './issuer.mjs';

const REDIRECT_URL = 'http://localhost:3000/callback';

/** Of a client with a user: signs in and keeps what the SDK gives it. `answer` is what the last sign-in brought. */
export class InteractiveProvider {
  #kept = {};
  /** @type {URLSearchParams | undefined} */
  answer;
  redirectUrl = REDIRECT_URL;
  clientMetadataUrl;
  clientMetadata;

  /**
   * @param {object} [options]
   * @param {object} [options.registered] what the authorization server knows of it already
   * @param {string} [options.clientMetadataUrl] of its client ID metadata document
   * @param {object} [options.metadata] what it registers with, besides
   * @param {Promise<object>} [options.dpop] the SDK's proofs of a key, which its tokens are then bound to
   */
  constructor({ registered, clientMetadataUrl, metadata = {}, dpop } = {}) {
    if (dpop !== undefined) this.dpop = () => dpop;
    this.#kept.client = registered;
    this.clientMetadataUrl = clientMetadataUrl;
    this.clientMetadata = {
      client_name: 'conformance',
      redirect_uris: [REDIRECT_URL],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      ...metadata,
    };
  }

  clientInformation() {
    return this.#kept.client;
  }

  saveClientInformation(client) {
    this.#kept.client = client;
  }

  tokens() {
    return this.#kept.tokens;
  }

  saveTokens(tokens) {
    this.#kept.tokens = tokens;
    this.#kept.discovered = undefined;
  }

  /** Which authorization server a sign-in under way is at: who answers must be that one. */
  discoveryState() {
    return this.#kept.discovered;
  }

  saveDiscoveryState(discovered) {
    this.#kept.discovered = discovered;
  }

  codeVerifier() {
    return this.#kept.verifier;
  }

  saveCodeVerifier(verifier) {
    this.#kept.verifier = verifier;
  }

  async redirectToAuthorization(url) {
    this.answer = await signIn(url, REDIRECT_URL);
  }
}

/** Of a client without a user whose grant is an assertion: of an identity provider, or of its own platform. */
export class AssertionProvider {
  #tokens;
  #client;
  #assertion;
  #target;
  redirectUrl = undefined;
  clientMetadata;

  /**
   * @param {object} client as it is registered
   * @param {(target: {issuer: string, resource: string}) => string | Promise<string>} assertion made anew for each token,
   *   for an authorization server and the MCP server that it gives tokens for
   */
  constructor(client, assertion) {
    this.#client = client;
    this.#assertion = assertion;
    this.clientMetadata = { redirect_uris: [], grant_types: [JWT_BEARER], ...client };
  }

  clientInformation() {
    return this.#client;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  saveDiscoveryState({ authorizationServerUrl, resourceMetadata }) {
    this.#target = { issuer: authorizationServerUrl, resource: resourceMetadata?.resource };
  }

  async prepareTokenRequest(scope) {
    const assertion = await this.#assertion(this.#target);
    const parameters = new URLSearchParams({ grant_type: JWT_BEARER, assertion });
    if (scope) parameters.set('scope', scope);
    return parameters;
  }

  redirectToAuthorization() {
    throw new Error('there is no user to send anywhere');
  }

  saveCodeVerifier() {
    // There is no code to keep one for.
  }

  codeVerifier() {
    throw new Error('there is no code');
  }
}
