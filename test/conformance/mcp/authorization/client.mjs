/**
 * The official SDK's client. The suite runs it, with the server's URL as its last argument, to see whether it keeps
 * MCP's rules of authorization; behind Regate the same client is run by `through.mjs`.
 */
import { argv, env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { exchangeForAssertion } from './assertion.mjs';
import { AssertionProvider, InteractiveProvider } from './providers.mjs';

const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const MOST_SIGN_INS = 3;

/**
 * Connects, lists the tools and calls one, signing in as often as it takes.
 *
 * @param {string} url
 * @param {object} authProvider
 * @param {{tool: string, arguments?: object, fetch?: typeof globalThis.fetch}} call
 * @returns what the tool answered
 */
export async function callThrough(url, authProvider, { tool, arguments: args = {}, fetch }) {
  const session = new Session(url, { authProvider, ...(fetch && { fetch }) });
  try {
    await session.ask((client) => client.listTools());
    return await session.ask((client) => client.callTool({ name: tool, arguments: args }));
  } finally {
    await session.close();
  }
}

/** A connection that is made anew after each sign-in. */
class Session {
  #url;
  #options;
  #client;
  #transport;

  constructor(url, options) {
    this.#url = new URL(url);
    this.#options = options;
  }

  /** @param {(client: Client) => Promise<object>} request */
  async ask(request) {
    for (let signIns = 0; ; signIns += 1) {
      try {
        if (this.#client === undefined) await this.#connect();
        return await request(this.#client);
      } catch (error) {
        const { authProvider } = this.#options;
        const { code } = authProvider;
        if (!(error instanceof UnauthorizedError) || code === undefined || signIns === MOST_SIGN_INS)
          throw error;
        authProvider.code = undefined;
        await this.#transport.finishAuth(code);
        if (this.#client.getServerVersion() === undefined) this.#client = undefined;
      }
    }
  }

  async #connect() {
    this.#transport = new StreamableHTTPClientTransport(this.#url, this.#options);
    this.#client = new Client({ name: 'conformance', version: '1' });
    await this.#client.connect(this.#transport);
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
 */
function providerOf(scenario, context) {
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
    default:
      return new InteractiveProvider();
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = env;
  await callThrough(argv.at(-1), providerOf(scenario, JSON.parse(context)), { tool: 'test-tool' });
}
