/**
 * The official SDK's client. The suite runs it, with a version of MCP and the server's URL as its arguments, to see whether
 * it keeps MCP's rules of authorization; behind Regate the same is done by `through.mjs`.
 */
import { argv, env } from 'node:process';
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { exchangeForAssertion } from './assertion.mjs';
import { AssertionProvider, InteractiveProvider } from './providers.mjs';
import { SDKS } from './sdks.mjs';
import { callThrough } from './session.mjs';

const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
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

const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = env;
const sdk = SDKS.find(({ version }) => version === argv[2]);
await callThrough(sdk, argv.at(-1), providerOf(scenario, JSON.parse(context), sdk), { tool: 'test-tool' });
