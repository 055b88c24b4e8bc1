import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A pair of keys and its public JWK, as an issuer publishes it. */
export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } };
}

/** An RSA key that no library would make by itself. */
export async function weakRsaKey(modulusLength: number, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), alg: 'RS256', kid, use: 'sig' } };
}

/** An HTTP server on a free port of this machine; `handler` may be replaced while it runs. */
export interface LocalServer {
  readonly url: string;
  readonly port: number;
  /** Every path that was asked for, in order. */
  readonly requests: string[];
  handler: RequestListener;
  close(): Promise<void>;
}

export async function localServer(port = 0): Promise<LocalServer> {
  const requests: string[] = [];
  const http: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    server.handler(request, response);
  });
  await once(http.listen(port, '127.0.0.1'), 'listening');
  const address = http.address() as AddressInfo;
  const server: LocalServer = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    handler: (_request, response) => void response.writeHead(404).end(),
    close: async () => {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  return server;
}

/** Publishes documents by path: values are sent as JSON, with status 200. */
export function publish(server: LocalServer, documents: Record<string, unknown>): void {
  server.handler = (request, response) => {
    const document = documents[request.url ?? ''];
    if (document === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  };
}

/** Publishes an issuer's discovery document and its keys. */
export function publishIssuer(server: LocalServer, keys: readonly SigningKey[]): void {
  publish(server, {
    '/.well-known/openid-configuration': { issuer: server.url, jwks_uri: `${server.url}/jwks` },
    '/jwks': { keys: keys.map(({ jwk }) => jwk) },
  });
}

/** Resolves once a condition holds; looks again every few milliseconds, and gives up after ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('waited ten seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
