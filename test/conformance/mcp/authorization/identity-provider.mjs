/** An enterprise's identity provider: gives assertions for ID tokens ("Enterprise-Managed Authorization"). */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { listen } from '../listen.mjs';
import { ALGORITHM } from './issuer.mjs';

const SSO_CLIENT = 'sso';
const KEY_ID = 'identity-provider';

/**
 * @param {string} clientId by which the authorization server of the MCP server knows the client
 * @returns {Promise<{url: string, jwksUri: string, context: object, close: () => Promise<void>}>} `context`: what a client
 * that was signed in to needs, in the words of the suite
 */
export async function startIdentityProvider(clientId) {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = { ...(await exportJWK(publicKey)), alg: ALGORITHM, kid: KEY_ID, use: 'sig' };
  const sign = (claims, type, audience) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: type })
      .setIssuer(server.url)
      .setSubject('ada')
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  const exchange = async (parameters) => {
    await jwtVerify(parameters.get('subject_token'), publicKey, { issuer: server.url, audience: SSO_CLIENT });
    const claims = { client_id: clientId, resource: parameters.get('resource'), scope: 'files:read' };
    return sign(claims, 'oauth-id-jag+jwt', parameters.get('audience'));
  };
  const server = await listen(
    createServer(async (request, response) => {
      const answer =
        request.url === '/jwks'
          ? { keys: [jwk] }
          : {
              access_token: await exchange(new URLSearchParams(await text(request))),
              issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
              token_type: 'N_A',
            };
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    }),
  );
  const context = {
    idp_token_endpoint: `${server.url}/token`,
    idp_client_id: SSO_CLIENT,
    idp_id_token: await sign({}, 'JWT', SSO_CLIENT),
  };
  return { url: server.url, jwksUri: `${server.url}/jwks`, context, close: server.close };
}
