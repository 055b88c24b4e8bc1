import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { buildBundle, generateSigningKey, readBundleDefinition } from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { ROOT } from '../architecture/law.js';
import { until } from '../bundles/http.js';
import { TINY, writeFiles } from '../bundles/project.js';
import { freePort } from '../end-to-end/process.js';
import { type LocalServer, localServer, publishIssuer, signingKey } from '../identity/issuer.js';

const CLI = join(ROOT, 'dist/cli/main.js');
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

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

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
  const server = spawn(process.execPath, [CLI, 'bundle-server', '--config', 'regate.yaml'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (output += chunk));
  await until(() => {
    if (server.exitCode !== null) throw new Error(`the bundle server ended:\n${output}`);
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
    regate: (environment, ...args) => run(directory, environment, args),
    output: () => output,
    async stop() {
      await end(server);
      await issuer.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function run(
  cwd: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_NO_WARNINGS: '1', ...environment };
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
