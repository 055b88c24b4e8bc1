/** Runs the scenarios in which Regate is the resource server. */
import { startResourceServer } from './gateway.mjs';
import { startIdentityProvider } from './identity-provider.mjs';
import { startIssuer } from './issuer.mjs';
import { CLIENT_METADATA_URL, registeredClients, SCENARIOS } from './scenarios.mjs';
import { callThrough } from './session.mjs';

const CLIENT_METADATA = {
  client_name: 'conformance',
  redirect_uris: ['http://localhost:3000/callback'],
  token_endpoint_auth_method: 'none',
};

/**
 * @param {string} server the MCP server's endpoint
 * @param {readonly import('./sdk.mjs').Sdk[]} sdks whose clients do it, one after the other
 * @returns {Promise<import('../suite.mjs').Check[]>}
 */
export async function runThrough(server, sdks) {
  const { clients, privateKey } = await registeredClients();
  const opened = [];
  const open = async (starting) => {
    const started = await starting;
    opened.unshift(started);
    return started;
  };
  try {
    const identityProvider = await open(startIdentityProvider('enterprise'));
    const issuer = await open(
      startIssuer({
        scopes: ['files:read', 'files:write'],
        clients,
        documents: { [CLIENT_METADATA_URL]: CLIENT_METADATA },
        identityProvider,
      }),
    );
    const { urls } = await open(startResourceServer(server, issuer.url));
    const world = { issuer: issuer.url, privateKey, identityProvider: identityProvider.context };
    const checks = [];
    for (const sdk of sdks) {
      for (const scenario of SCENARIOS.filter(({ since = '' }) => since <= sdk.version)) {
        issuer.asked.length = 0;
        const attempt = await attemptOf(scenario, urls[scenario.upstream], { ...world, sdk });
        checks.push(...claimsOf(scenario, { ...attempt, asked: [...issuer.asked] }));
      }
    }
    return checks;
  } finally {
    for (const { close } of opened) await close();
  }
}

async function attemptOf({ client, tool, unchallenged = false }, url, world) {
  const provider = client(world);
  try {
    if (unchallenged) await signInFirst(world.sdk, url, provider);
    return { url, answer: await callThrough(world.sdk, url, provider, { tool }) };
  } catch (failure) {
    return { url, failure };
  }
}

async function signInFirst({ authorize }, serverUrl, provider) {
  if ((await authorize(provider, { serverUrl })) === 'AUTHORIZED') return;
  const [authorizationCode, iss] = ['code', 'iss'].map((name) => provider.answer.get(name) ?? undefined);
  await authorize(provider, { serverUrl, authorizationCode, iss });
}

function claimsOf({ name: scenario, claims }, attempt) {
  const why = attempt.failure instanceof Error ? attempt.failure.message : '';
  return Object.entries(claims).map(([id, holds]) => ({
    scenario,
    id,
    name: id,
    status: holds(attempt) ? 'SUCCESS' : 'FAILURE',
    why,
  }));
}
