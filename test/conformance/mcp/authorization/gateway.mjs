/** Regate as an OAuth resource server: clients find their own way to its issuer. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ROOT, runGateway, signedBundle } from '../gateway/process.mjs';
import { listen } from '../listen.mjs';
import { ALGORITHM } from './issuer.mjs';

const POLICY = 'test/conformance/mcp/authorization/policy';
const UPSTREAMS = { plain: {}, scoped: { scopes: ['files:read'] }, bound: { require_binding: 'dpop' } };

/**
 * @param {string} server the MCP server's endpoint
 * @param {string} issuer
 * @returns {Promise<{urls: Record<keyof typeof UPSTREAMS, string>, close: () => Promise<void>}>} the upstreams' endpoints
 */
export async function startResourceServer(server, issuer) {
  const directory = await mkdtemp(join(tmpdir(), 'regate-conformance-'));
  const opened = [{ close: () => rm(directory, { recursive: true, force: true }) }];
  const close = async () => {
    for (const { close: end } of opened.splice(0).reverse()) await end();
  };
  try {
    const project = await projectIn(join(directory, 'project'));
    const definition = { name: 'files', sources: ['rego'], root: 'rego', roots: ['regate', 'policies'] };
    const { archive, settings } = await signedBundle(directory, definition, project);
    const bundles = await listen(createServer((_request, response) => response.end(archive)));
    opened.push(bundles);
    const port = await freePort();
    const urls = urlsAt(`http://127.0.0.1:${port}`);
    opened.push(
      await runGateway(directory, port, {
        identity: {
          issuers: [{ issuer, audiences: Object.values(urls), algorithms: [ALGORITHM] }],
          dpop: { nonce: 'required' },
        },
        gateway: {
          upstreams: Object.entries(UPSTREAMS).map(([name, more]) => ({ name, url: server, ...more })),
          bundle: settings(`${bundles.url}/bundle`),
        },
      }),
    );
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The library as it ships, and one policy. Without the library's tests, which expect other policies. */
async function projectIn(folder) {
  const filter = (path) => !path.endsWith('_test.rego');
  await cp(join(ROOT, 'rego/regate'), join(folder, 'rego/regate'), { recursive: true, filter });
  await cp(join(ROOT, POLICY), join(folder, 'rego/policies'), { recursive: true });
  await cp(join(ROOT, 'schemas'), join(folder, 'schemas'), { recursive: true });
  return folder;
}

function urlsAt(origin) {
  return Object.fromEntries(Object.keys(UPSTREAMS).map((name) => [name, `${origin}/mcp/${name}`]));
}
