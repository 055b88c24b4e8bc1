/** What a gateway needs around it: an OIDC issuer whose tokens it trusts, and a server that has its bundle. */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { listen } from '../listen.mjs';

export const AUDIENCE = 'conformance';
export const ALGORITHM = 'ES256';
const KEY_ID = 'issuer';

/**
 * @param {Buffer} bundle the archive
 * @returns {Promise<{url: string, bundleUrl: string, token: () => Promise<string>, close: () => Promise<void>}>} `url`
 * is the issuer; a token is good for ten minutes
 */
export async function startSurroundings(bundle) {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = { ...(await exportJWK(publicKey)), alg: ALGORITHM, kid: KEY_ID, use: 'sig' };
  const pages = new Map();
  const server = await listen(
    createServer((request, response) => {
      const page = pages.get(request.url);
      if (page === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'Content-Type': page.type }).end(page.body);
    }),
  );
  const json = (value) => ({ type: 'application/json', body: JSON.stringify(value) });
  const { url } = server;
  pages.set('/.well-known/openid-configuration', json({ issuer: url, jwks_uri: `${url}/jwks` }));
  pages.set('/jwks', json({ keys: [jwk] }));
  pages.set('/bundle', { type: 'application/vnd.openpolicyagent.bundles', body: bundle });
  return {
    url,
    bundleUrl: `${url}/bundle`,
    token: () =>
      new SignJWT({ client_id: 'conformance-suite', groups: [] })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
        .setIssuer(url)
        .setSubject('conformance-suite')
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    close: server.close,
  };
}
