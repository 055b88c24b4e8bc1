/**
 * `npm run bench:bundles`: how long it takes from the end of a publication to the first decision by the new bundle in each
 * of ten gateways, while all of them are being called. The bundle server and the gateways are processes of their own with
 * their default configuration, on this machine, whose processors all gateways share, with all else that runs here. So it also
 * prints how long a bundle alone is on its way, until two clients without a gateway have verified it, and how much processor
 * time it takes a gateway to take one up. Says whether the target is reached; exits with 1 if not.
 *
 *   npm run bench:bundles -- [--gateways N] [--quick]
 *
 * With as many gateways as processors it is about what gateways on machines of their own would take. `--quick` publishes less
 * often, to see that it runs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { withProgress } from './progress.mjs';
import { setUpOrExit } from './setup.mjs';

const { values } = parseArgs({
  options: { gateways: { type: 'string', default: '10' }, quick: { type: 'boolean', default: false } },
});
const { quick } = values;
const GATEWAYS = Number(values.gateways);
const PUBLICATIONS = quick ? 3 : 12;
/** That each gateway answers before the first publication: one that has just started is slow. */
const FIRST_CALLS = quick ? 5 : 50;
const WATCHERS = 2;
const TARGET_MS = 1_000;
const GIVEN_UP_MS = 20_000;

await setUpOrExit();
// Only now: these need what the set-up has built and installed.
const { generateSigningKey, publishBundle } = await import('../dist/bundles/index.js');
const { measureActivations } = await import('./bench-bundles/activations.mjs');
const { buildBundles } = await import('./bench-bundles/bundles.mjs');
const { keepCalling } = await import('./bench-bundles/calls.mjs');
const { startBundleServer, startGateway } = await import('./bench-bundles/processes.mjs');
const { startSurroundings } = await import('./bench-bundles/surroundings.mjs');
const { startWatchers } = await import('./bench-bundles/watchers.mjs');

const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'));
const surroundings = await startSurroundings();
const processes = [];
const stopAll = () => Promise.all(processes.splice(0).map(({ stop }) => stop()));
try {
  const key = generateSigningKey('ES256');
  // The first is what the gateways start with.
  const [first, ...archives] = await withProgress('Building bundles', (report) =>
    buildBundles(folder, key, PUBLICATIONS + 1, report),
  );
  const installation = { folder, surroundings, key };
  const server = await startBundleServer(installation);
  processes.push(server);
  const token = await surroundings.token();
  await publishFirst({ url: server.url, archive: first, token });
  const gateways = await withProgress('Starting gateways', () =>
    Promise.all(Array.from({ length: GATEWAYS }, () => startGateway(installation, server.url))),
  );
  processes.push(...gateways);
  const watchers = await startWatchers(WATCHERS, installation, server.url);
  processes.push(watchers);
  const callers = gateways.map(({ url }) => keepCalling(url, token));
  const { arrival, effect } = await withProgress('Publishing', (report) =>
    publishAll({ url: server.url, archives, token, callers, arrivals: watchers.arrivals, report }),
  );
  await Promise.all(callers.map((caller) => caller.stop()));
  await stopAll();
  const cost = await measureActivations([first, ...archives], key);
  process.exitCode = tell({ arrival, effect, callers, cost }) ? 0 : 1;
} finally {
  await stopAll();
  surroundings.close();
  await rm(folder, { recursive: true, force: true });
}

/** A server that has just started refuses all tokens until it has its issuer's keys. */
async function publishFirst(publication) {
  const until = performance.now() + GIVEN_UP_MS;
  for (;;) {
    try {
      return await publishBundle(publication);
    } catch (error) {
      if (performance.now() > until) throw error;
      await wait(50);
    }
  }
}

/** Milliseconds from the end of each publication: to its arrival at each watcher, and to its effect in each gateway. */
async function publishAll({ url, archives, token, callers, arrivals, report }) {
  const arrival = [];
  const effect = [];
  while (callers.some(({ calls }) => calls() < FIRST_CALLS)) await wait(50);
  for (const [index, archive] of archives.entries()) {
    report(`${index + 1} of ${archives.length}`);
    // At any moment of a poll.
    await wait(100 + Math.random() * 900);
    await publishBundle({ url, archive, token });
    const published = performance.now();
    const number = index + 2;
    const seen = [...arrivals, ...callers.map(({ firstDecided }) => firstDecided)];
    while (seen.some((numbers) => !numbers.has(number))) {
      if (performance.now() - published > GIVEN_UP_MS)
        throw new Error(`bundle ${number} did not get everywhere: ${callers[0].failures[0] ?? ''}`);
      await wait(5);
    }
    // Some have it before the publisher knows.
    const took = seen.map((numbers) => Math.max(0, numbers.get(number) - published));
    arrival.push(...took.slice(0, arrivals.length));
    effect.push(...took.slice(arrivals.length));
  }
  return { arrival, effect };
}

function tell({ arrival, effect, callers, cost }) {
  const failures = callers.flatMap((caller) => caller.failures);
  const calls = callers.reduce((sum, caller) => sum + caller.calls(), 0);
  const isReached = quantile(effect, 0.99) < TARGET_MS && failures.length === 0;
  process.stdout.write(
    `${PUBLICATIONS} publications, ${GATEWAYS} gateways in processes of their own on ${availableParallelism()} processors, ${calls} calls meanwhile
publish to arrival: ${figuresOf(arrival)}
publish to effect:  ${figuresOf(effect)}
processor time of one gateway alone: ${Math.round(quantile(cost.verify, 0.5))} ms to verify a bundle, ${Math.round(quantile(cost.activate, 0.5))} ms to activate it
calls failed: ${failures.length}${failures.length === 0 ? '' : `, such as: ${failures[0]}`}
${isReached ? 'reached' : 'MISSED'}: effect below ${TARGET_MS} ms at p99, and no call failed
`,
  );
  return isReached;
}

function figuresOf(milliseconds) {
  const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => Math.round(quantile(milliseconds, share)));
  return `p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`;
}

function quantile(milliseconds, share) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1];
}
