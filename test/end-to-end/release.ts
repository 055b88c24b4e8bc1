import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { buildBundle, generateSigningKey, readBundleDefinition } from '../../src/bundles/index.js';
import { inGatewayEngine } from '../../src/cli/gateway-engine.js';
import { writeFiles } from '../bundles/project.js';
import { type Running, regate, startRegate } from '../command.js';
import { type LocalServer, localServer, publishIssuer, signingKey } from '../identity/issuer.js';
import { freePort } from './process.js';

const AUDIENCE = 'regate';

/** A bundle server and a gateway that follows it, each a process of its own, an issuer and an upstream. */
export interface Releasing {
  readonly url: string;
  readonly bundleServer: string;
  readonly configuration: string;
  /** Builds a bundle and publishes it, each with a higher serial. */
  publish(
    bundle: string,
    revision: string,
    files: Readonly<Record<string, string>>,
    channel?: string,
  ): Promise<void>;
  /** Runs `regate …` as a member of `releasers`. */
  run(...args: string[]): ReturnType<typeof regate>;
  /** Calls a tool; what the gateway answered. */
  call(tool: string, caller?: string): Promise<Answered>;
  /** Waits until something holds; at most a minute. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  restartGateway(): Promise<void>;
  stop(): Promise<void>;
}

export interface Answered {
  readonly result?: object;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Starts all but the gateway, which has no policy before one is published. */
export async function startReleasing(): Promise<Releasing> {
  const directory = mkdtempSync(join(tmpdir(), 'regate-release-'));
  const [issuer, upstream, key] = await Promise.all([
    localServer(),
    localServer(),
    signingKey('ES256', 'k1'),
  ]);
  const [gatewayPort, serverPort] = [await freePort(), await freePort()];
  publishIssuer(issuer, [key]);
  answerAll(upstream);
  const bundleKey = generateSigningKey('EdDSA');
  const url = `http://127.0.0.1:${gatewayPort}`;
  const bundleServer = `http://127.0.0.1:${serverPort}`;
  const token = (subject: string, groups: string[]) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ client_id: subject, groups, sub: subject })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(issuer.url)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + 900)
      .sign(key.privateKey);
  };
  await writeFiles(directory, {
    'bundle.pub.pem': bundleKey.publicKeyPem,
    'releaser.token': await token('ann', ['releasers']),
    'gateway.token': await token('gateway-1', ['gateways']),
  });
  const keys = [{ id: bundleKey.id, algorithm: 'EdDSA', public_key: 'file:bundle.pub.pem' }];
  const configuration = join(directory, 'regate.yaml');
  writeFileSync(
    configuration,
    stringify({
      state_directory: 'state',
      log: { level: 'info', format: 'json' },
      identity: { issuers: [{ issuer: issuer.url, audiences: [AUDIENCE] }] },
      gateway: {
        listen: { host: '127.0.0.1', port: gatewayPort },
        upstreams: [{ name: 'tools', url: `${upstream.url}/mcp` }],
        bundle: {
          name: 'rules',
          url: `${bundleServer}/bundles/rules`,
          keys,
          data: [{ name: 'blocked', url: `${bundleServer}/bundles/blocked` }],
          shadow: { url: `${bundleServer}/bundles/rules/channels/canary` },
          fall_back: { failures: 3 },
        },
        reports: { url: bundleServer, token_file: 'gateway.token', interval_seconds: 1 },
      },
      bundle_server: {
        listen: { host: '127.0.0.1', port: serverPort },
        publishers: [{ groups: ['releasers'] }],
        reporter_groups: ['gateways'],
        keys,
      },
    }),
  );

  const all: Running[] = [];
  const started = (command: string): Running => {
    const running = startRegate([command, '--config', configuration]);
    all.push(running);
    return running;
  };
  const until: Releasing['until'] = async (what, holds) => {
    const deadline = Date.now() + 60_000;
    while (!(await holds().catch(() => false))) {
      if (Date.now() > deadline)
        throw new Error(
          `waited in vain until ${what}; the processes wrote:\n${all.map(({ output }) => output()).join('')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const server = started('bundle-server');
  let gateway = started('serve');
  await until('both answer', async () => {
    const health = await Promise.all([url, bundleServer].map((origin) => fetch(`${origin}/healthz`)));
    return health.every(({ ok }) => ok);
  });
  let serial = 0;
  const run = (...args: string[]) => regate(...args, '--token-file', join(directory, 'releaser.token'));

  return {
    url,
    bundleServer,
    configuration,
    until,
    run,
    async publish(bundle, revision, files, channel = 'stable') {
      serial += 1;
      const root = join(directory, `${bundle}-${revision}`);
      await writeFiles(root, files);
      const archive = join(directory, `${bundle}-${revision}.tar.gz`);
      await buildBundle({
        definition: await readBundleDefinition(root, bundle),
        root,
        revision,
        serial,
        signingKey: bundleKey,
        evaluate: inGatewayEngine,
        outFile: archive,
      });
      const address = ['--url', `${bundleServer}/bundles/${bundle}`, '--channel', channel];
      const published = await run('publish', archive, ...address);
      if (published.status !== 0) throw new Error(published.stderr);
    },
    async call(tool, caller = 'agent') {
      const response = await fetch(`${url}/mcp/tools`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${await token(caller, [])}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } }),
      });
      return (await response.json()) as Answered;
    },
    async restartGateway() {
      await gateway.end('SIGKILL');
      gateway = started('serve');
      await until('the gateway is ready again', async () => (await fetch(`${url}/readyz`)).ok);
    },
    async stop() {
      await Promise.all([gateway.end('SIGTERM'), server.end('SIGTERM')]);
      await Promise.all([issuer.close(), upstream.close()]);
      rmSync(directory, { recursive: true });
    },
  };
}

function answerAll(upstream: LocalServer): void {
  upstream.handler = async (request, response) => {
    request.resume();
    await once(request, 'end');
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  };
}
