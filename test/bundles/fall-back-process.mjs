// Takes up bundles that fail and falls back from each, until it is killed; tells its parent of both.
import { createGatewayBundles } from '../../dist/bundles/index.js';

const [directory, url, key] = process.argv.slice(2);
let inForce;
const bundles = createGatewayBundles({
  policy: { name: 'tiny', url, scope: 'tiny', keys: [JSON.parse(key)] },
  data: [],
  directory,
  poll: { minDelayMilliseconds: 0, maxDelayMilliseconds: 1, longPollingSeconds: 0 },
  requireSerial: false,
  fallBack: { enabled: true, watchMilliseconds: 60_000, failures: 1, percent: 1 },
  activate: async ({ revision }, beforeLive) => {
    await beforeLive();
    inForce = revision;
  },
  report: (event) => {
    if (event.type === 'activated') process.send?.({ activated: event.revision.revision });
    if (event.type === 'fell_back') process.send?.({ fellBackFrom: event.from.revision });
  },
});
await bundles.start();
const { revision: first } = inForce;
// By each one that comes after the first, decisions fail.
setInterval(() => {
  bundles.decided({ revision: inForce, principal: 'alice', failed: inForce.revision !== first });
}, 1);
