import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { buildBundle, generateSigningKey, readBundleDefinition } from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { until } from '../bundles/http.js';
import { TINY, writeFiles } from '../bundles/project.js';
import { type Ended, regateIn, startRegate } from '../command.js';
import { freePort } from '../end-to-end/process.js';
import { type LocalServer, localServer, publishIssuer, signingKey } from '../identity/issuer.js';

const KEY = generateSigningKey('EdDSA');
/** Options that sign with the key that the server trusts. */
export const SIGNING = [
  '--key',
  'keys/bundle.pem',
  '--key-id',
  KEY.id,
  '--algorithm',
  KEY.algorithm,
] as const;

/** A bundle server as a process of its own, an issuer of tokens, and a folder with signed bundles to work in. */
export interface BundleServer {
  readonly url: string;
  readonly directory: string;
  readonly issuer: LocalServer;
  /** A token for a member of these groups. */
  token(claims: object): Promise<string>;
  /** Builds `<revision>.tar.gz` in the folder. */
  build(revision: string, serial: number): Promise<void>;
  /** Runs `regate …` in the folder to its end. */
  regate(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended>;
  /** All that the server's process has written. */
  output(): string;
  stop(): Promise<void>;
}

/** @param settings of `bundle_server`, besides where it listens and whom it trusts */
export async function startBundleServer(settings: object): Promise<BundleServer> {
  const directory = mkdtempSync(join(tmpdir(), 'regate-bundle-server-'));
  const [issuer, key, port] = await Promise.all([localServer(), signingKey('ES256', 'k1'), freePort()]);
  publishIssuer(issuer, [key]);
  await writeFiles(directory, {
    'keys/bundle.pem': KEY.privateKeyPem,
    'keys/bundle.pub.pem': KEY.publicKeyPem,
    ...Object.fromEntries(
      Object.entries(TINY).map(([path, text]) => [
        path.replace('bundles/tiny', 'bundles/starter'),
        text?.replace('"name":"tiny"', '"name":"starter"') ?? null,
      ]),
    ),
  });
  writeFileSync(
    join(directory, 'regate.yaml'),
    stringify({
      state_directory: 'state',
      identity: {
        issuers: [{ issuer: issuer.url, audiences: ['bundles'], claims: { groups: 'repository' } }],
      },
      bundle_server: {
        listen: { host: '127.0.0.1', port },
        keys: [{ id: KEY.id, algorithm: KEY.algorithm, public_key: 'file:keys/bundle.pub.pem' }],
        ...settings,
      },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const server = startRegate(['bundle-server', '--config', 'regate.yaml'], { directory });
  await until(() => {
    if (server.process.exitCode !== null) throw new Error(`the bundle server ended:\n${server.output()}`);
    return fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  });

  return {
    url,
    directory,
    issuer,
    token: (claims) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ client_id: 'ci', sub: 'ci', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(issuer.url)
        .setAudience('bundles')
        .setIssuedAt(now)
        .setExpirationTime(now + 300)
        .sign(key.privateKey);
    },
    async build(revision, serial) {
      await buildBundle({
        definition: await readBundleDefinition(directory, 'starter'),
        root: directory,
        revision,
        serial,
        signingKey: KEY,
        evaluate: inGatewayEngine,
        outFile: join(directory, `${revision}.tar.gz`),
      });
    },
    regate: (environment, ...args) => regateIn({ directory, environment })(...args),
    output: server.output,
    async stop() {
      await server.end('SIGTERM');
      await issuer.close();
      rmSync(directory, { recursive: true });
    },
  };
}
