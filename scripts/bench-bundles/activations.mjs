import { verifyBundle } from '../../dist/bundles/index.js';
import { createDecisionEngine } from '../../dist/policy/index.js';
import { BUNDLE, ENTRYPOINT } from './bundles.mjs';

/** As `schemas/config.schema.json` has them by default. */
const ENGINE = { workers: 2, deadlineMilliseconds: 250, memoryMebibytes: 256, entrypoint: ENTRYPOINT };

/**
 * Takes up one bundle after the other in this process, which must have nothing else to do meanwhile.
 *
 * @param {readonly Buffer[]} archives the first is not counted: what is done for the first time is slow
 * @param {import('../../dist/bundles/index.js').VerificationKey} key
 * @returns {Promise<{verify: number[], activate: number[]}>} milliseconds of processor time, over all threads, of each
 */
export async function measureActivations(archives, key) {
  const engine = createDecisionEngine(ENGINE);
  const verify = [];
  const activate = [];
  for (const archive of archives) {
    const began = processorMilliseconds();
    const bundle = await verifyBundle(archive, { keys: [key], bundle: BUNDLE });
    const verified = processorMilliseconds();
    await engine.activate(bundle);
    verify.push(verified - began);
    activate.push(processorMilliseconds() - verified);
  }
  await engine.close();
  return { verify: verify.slice(1), activate: activate.slice(1) };
}

function processorMilliseconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
