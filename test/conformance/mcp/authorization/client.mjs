/**
 * The official SDK's client. The suite runs it, with a version of MCP and the server's URL as its arguments, to see whether
 * it keeps MCP's rules of authorization; behind Regate the same client is run by `through.mjs`.
 */
import { argv, env } from 'node:process';
import { pathToFileURL } from 'node:url';
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { exchangeForAssertion } from './assertion.mjs';
import { AssertionProvider, InteractiveProvider } from './providers.mjs';
import { SDKS } from './sdk.mjs';

const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
/**
 * Connects, lists the tools and calls one. What still needs a sign-in after one is given up: a server that is never content
 * would have somebody sign in for ever.
 *
 * @param {import('./sdk.mjs').Sdk} sdk
 * @param {string} url
 * @param {object} authProvider
 * @param {string} tool
 * @returns what the tool answered
 */
export async function callThrough(sdk, url, authProvider, tool) {
  const session = new Session(sdk, url, authProvider);
  try {
    await session.ask((client) => client.listTools());
    return await session.ask((client) => client.callTool({ name: tool, arguments: {} }));
  } finally {
    await session.close();
  }
}

/** A connection, and who signs in for it. */
class Session {
  #sdk;
  #url;
  #authProvider;
  #client;
  #transport;

  constructor(sdk, url, authProvider) {
    this.#sdk = sdk;
    this.#url = new URL(url);
    this.#authProvider = authProvider;
  }

  /** @param {(client: object) => Promise<object>} request */
  async ask(request) {
    if (this.#client === undefined) await this.#withSignIn(() => this.#connect());
    return this.#withSignIn(() => request(this.#client));
  }

  async #connect() {
    this.#transport = this.#sdk.newTransport(this.#url, { authProvider: this.#authProvider });
    const client = this.#sdk.newClient();
    await client.connect(this.#transport);
    this.#client = client;
  }

  async #withSignIn(attempt) {
    try {
      return await attempt();
    } catch (error) {
      const { answer } = this.#authProvider;
      if (!this.#sdk.wantsSignIn(error) || answer === undefined) throw error;
      this.#authProvider.answer = undefined;
      await this.#sdk.finish(this.#transport, answer);
      return attempt();
    }
  }

  async close() {
    await this.#client?.close();
  }
}

/**
 * The client that a scenario of the suite is about.
 *
 * @param {string} scenario
 * @param {Record<string, string>} context what it is told besides
 * @param {import('./sdk.mjs').Sdk} sdk
 */
function providerOf(scenario, context, sdk) {
  const { client_id: clientId, client_secret: clientSecret } = context;
  switch (scenario) {
    case 'auth/client-credentials-basic':
      return new ClientCredentialsProvider({ clientId, clientSecret });
    case 'auth/client-credentials-jwt':
      return new PrivateKeyJwtProvider({
        clientId,
        privateKey: context.private_key_pem,
        algorithm: context.signing_algorithm,
      });
    case 'auth/pre-registration':
      return new InteractiveProvider({ registered: { client_id: clientId, client_secret: clientSecret } });
    case 'auth/basic-cimd':
      return new InteractiveProvider({ clientMetadataUrl: CLIENT_METADATA_URL });
    case 'auth/enterprise-managed-authorization':
      return new AssertionProvider(
        {
          client_id: clientId,
          client_secret: clientSecret,
          token_endpoint_auth_method: 'client_secret_basic',
        },
        (target) => exchangeForAssertion(context, target),
      );
    case 'auth/wif-jwt-bearer':
      return new AssertionProvider(
        { client_id: clientId, token_endpoint_auth_method: 'none' },
        () => context.valid_jwt,
      );
    case 'auth/dpop':
    case 'auth/dpop-nonce':
      return new InteractiveProvider({ dpop: sdk.newProofs?.() });
    default:
      return new InteractiveProvider();
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = env;
  const sdk = SDKS.find(({ version }) => version === argv[2]);
  await callThrough(sdk, argv.at(-1), providerOf(scenario, JSON.parse(context), sdk), 'test-tool');
}
