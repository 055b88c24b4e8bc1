/** What gateways need around them, in this process: an OIDC issuer that they trust, and an MCP server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const AUDIENCE = 'bench';
export const PUBLISHERS = 'policy-publishers';
const ALGORITHM = 'ES256';
const KEY_ID = 'issuer';

/**
 * @returns {Promise<{url: string, token: () => Promise<string>, close: () => void}>} `url` is the issuer; MCP is
 * spoken at `/mcp` below it
 */
export async function startSurroundings() {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = { ...(await exportJWK(publicKey)), alg: ALGORITHM, kid: KEY_ID, use: 'sig' };
  const pages = new Map();
  const server = createServer(async (request, response) => {
    if (request.url === '/mcp') {
      const { id } = JSON.parse(await textOf(request));
      answer(response, { jsonrpc: '2.0', id, result: { content: [] } });
    } else answer(response, pages.get(request.url));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  pages.set('/.well-known/openid-configuration', { issuer: url, jwks_uri: `${url}/jwks` });
  pages.set('/jwks', { keys: [jwk] });
  return {
    url,
    token: () =>
      new SignJWT({ client_id: 'bench', groups: [PUBLISHERS] })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
        .setIssuer(url)
        .setSubject('bench')
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function answer(response, page) {
  if (page === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(page));
}
