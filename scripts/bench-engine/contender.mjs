/**
 * One contender, in a process of its own, so that its memory and processor time are its own: told by its parent which
 * batches to decide, it answers how long each decision took.
 */
import { readFileSync } from 'node:fs';
import { inputFor } from './inputs.mjs';

/**
 * @typedef {object} Batch
 * @property {import('./inputs.mjs').POLICIES[number]} policy
 * @property {number} kilobytes
 * @property {number} count
 * @property {number} serial of the first decision
 * @property {boolean} repeated whether all decisions are about the same
 */

const kinds = { regate, sdk, 'sdk, bytes': sdkBytes, 'opa server': opaServer };
const [kind, wasmFile, dataFile, readsFile, opaUrl] = process.argv.slice(2);
const ask = await kinds[kind]();

/** So many are made ready at a time: a message that comes to be decided on was decoded a moment ago. */
const CHUNK = 16;

process.on('message', async (/** @type {Batch} */ { policy, kilobytes, count, serial, repeated }) => {
  const prepare = await ask(policy);
  const microseconds = [];
  let cpuMicroseconds = 0;
  for (let done = 0; done < count; done += CHUNK) {
    const decisions = Array.from({ length: Math.min(CHUNK, count - done) }, (_, index) =>
      prepare(inputFor(policy, kilobytes, repeated ? serial : serial + done + index)),
    );
    const before = process.cpuUsage();
    for (const decide of decisions) {
      const started = performance.now();
      const decided = decide();
      if (decided instanceof Promise) await decided;
      microseconds.push((performance.now() - started) * 1_000);
    }
    const { user, system } = process.cpuUsage(before);
    cpuMicroseconds += user + system;
  }
  const residentBytes = process.memoryUsage.rss();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ microseconds, cpuMicroseconds, residentBytes, liveBytes: heapUsed + external });
});
process.send('ready');

/** Regate's engine as the gateway uses it: from a message that was decoded to a decision that was checked. */
async function regate() {
  const { createDecisionEngine } = await import('../../dist/policy/index.js');
  const { readJson } = await import('../../dist/protocol/index.js');
  const bundle = {
    revision: { bundle: 'bench', revision: '1', digest: 'sha256:0' },
    wasm: readFileSync(wasmFile),
    data: readFileSync(dataFile),
    entrypoints: [],
    reads: new Map(JSON.parse(readFileSync(readsFile, 'utf8'))),
    keyId: 'bench',
  };
  const pins = new Map();
  return async (policy) => {
    if (!pins.has(policy)) {
      const entrypoint = `bench/${policy}/decision`;
      const engine = createDecisionEngine({
        workers: 1,
        deadlineMilliseconds: 10_000,
        memoryMebibytes: 512,
        entrypoint,
      });
      await engine.activate(bundle);
      pins.set(policy, engine.pin());
    }
    const pin = pins.get(policy);
    return ({ message, ...known }) => {
      const input = { ...known, message: readJson(Buffer.from(JSON.stringify(message))), nowNanoseconds: 0n };
      return () => pin.decide(input);
    };
  };
}

/** The plain SDK as its documentation shows it: an object in, an object out. */
async function sdk() {
  const policy = await loadSdk();
  return (name) => (input) => () => policy.evaluate(input, `bench/${name}/decision`);
}

/** The plain SDK at its best: with JSON that somebody else has made already. */
async function sdkBytes() {
  const policy = await loadSdk();
  return (name) => (input) => {
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(input))).buffer;
    return () => policy.evaluate(bytes, `bench/${name}/decision`);
  };
}

async function loadSdk() {
  const { loadPolicy } = await import('@open-policy-agent/opa-wasm');
  // More than its default of 5 pages, with which a large input takes seconds.
  const policy = await loadPolicy(readFileSync(wasmFile), { initial: 2_048, maximum: 16_384 });
  policy.setData(JSON.parse(readFileSync(dataFile, 'utf8')));
  return policy;
}

/** OPA's own server, asked over a connection that is kept open. */
async function opaServer() {
  const { Agent, request } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (name) => (input) => {
    const body = JSON.stringify({ input });
    const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } };
    return () =>
      new Promise((resolve, reject) => {
        const asked = request(`${opaUrl}/v1/data/bench/${name}/decision`, options, (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')).result));
        });
        asked.on('error', reject);
        asked.end(body);
      });
  };
}
