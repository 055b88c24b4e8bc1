import { join } from 'node:path';
import { createBundleClient } from '../../dist/bundles/index.js';
import { BUNDLE } from './bundles.mjs';

/**
 * Starts gateways' bundle clients without their gateways: what they take of the time is the bundle's way alone, from the
 * server until it is verified, and nothing of the engine that then loads it.
 *
 * @param {number} count
 * @param {{folder: string, key: import('../../dist/bundles/index.js').VerificationKey}} installation
 * @param {string} url the bundle's address
 */
export async function startWatchers(count, { folder, key }, url) {
  const watchers = Array.from({ length: count }, (_, index) =>
    watcher(join(folder, `watcher-${index}`), key, url),
  );
  await Promise.all(watchers.map(({ client }) => client.start()));
  return {
    /** Of each, by the number of a bundle, when it was there. */
    arrivals: watchers.map(({ arrived }) => arrived),
    async stop() {
      for (const { client } of watchers) client.close();
    },
  };
}

function watcher(directory, key, url) {
  const arrived = new Map();
  const client = createBundleClient({
    url,
    bundle: BUNDLE,
    trust: { keys: [key] },
    requireSerial: false,
    directory,
    poll: { minDelayMilliseconds: 1_000, maxDelayMilliseconds: 2_000, longPollingSeconds: 30 },
    activate: async ({ serial }) => {
      arrived.set(serial, performance.now());
    },
    report: () => undefined,
  });
  return { client, arrived };
}
