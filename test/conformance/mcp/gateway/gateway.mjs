/** Regate in front of one MCP server, with a policy that allows everything. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startForwarder } from './forwarder.mjs';
import { freePort, runGateway, signedBundle } from './process.mjs';
import { ALGORITHM, AUDIENCE, startSurroundings } from './surroundings.mjs';

const POLICY = 'test/conformance/mcp/gateway/policy';
const UPSTREAM = 'reference';

/**
 * @param {string} upstream the MCP server's endpoint
 * @returns {Promise<{url: string, close: () => Promise<void>}>} `url` is the endpoint for a client without a token
 * @throws {SetupError} with the gateway's log, where it does not get ready
 */
export async function startGateway(upstream) {
  const directory = await mkdtemp(join(tmpdir(), 'regate-conformance-'));
  const opened = [{ close: () => rm(directory, { recursive: true, force: true }) }];
  const close = async () => {
    for (const { close: end } of opened.splice(0).reverse()) await end();
  };
  try {
    const definition = { name: 'allow-all', sources: [POLICY], root: POLICY, roots: ['regate'] };
    const { archive, settings } = await signedBundle(directory, definition);
    const surroundings = await startSurroundings(archive);
    opened.push(surroundings);
    const port = await freePort();
    const forwarder = await startForwarder({ port, token: await surroundings.token() });
    opened.push(forwarder);
    const bundle = settings(surroundings.bundleUrl);
    opened.push(
      await runGateway(directory, port, configuration({ bundle, surroundings, forwarder, upstream })),
    );
    return { url: `${forwarder.url}/mcp/${UPSTREAM}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function configuration({ bundle, surroundings, forwarder, upstream }) {
  return {
    identity: {
      issuers: [{ issuer: surroundings.url, audiences: [AUDIENCE], algorithms: [ALGORITHM] }],
    },
    gateway: {
      allowed_hosts: [`127.0.0.1:${forwarder.port}`],
      allowed_origins: [forwarder.url],
      upstreams: [{ name: UPSTREAM, url: upstream }],
      bundle,
    },
  };
}
