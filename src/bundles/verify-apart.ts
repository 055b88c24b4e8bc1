import { Worker } from 'node:worker_threads';
import { describeThrown } from '../domain/index.js';
import { BundleError } from './error.js';
import type { BundleTrust, PublishedBundle } from './verification.js';
import type { VerificationReport } from './verify-thread.js';

/** What a thread may use beside the bundle's bytes; reading data takes about ten times its size. */
const HEAP_MEBIBYTES = 2048;

/**
 * Verifies a bundle on a thread of its own, which ends with it.
 *
 * @throws BundleError what the verification finds; `archive_too_big` where the thread ran out of memory
 */
export async function verifyApart(archive: Buffer, trust: BundleTrust): Promise<PublishedBundle> {
  const { bundle, keys, keyId, scope } = trust;
  const worker = new Worker(new URL('./verify-thread.js', import.meta.url), {
    workerData: { archive, trust: { bundle, keys, keyId, scope } },
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  });
  try {
    const report = await reportOf(worker);
    if (report.type === 'verified') return withBuffers(report.bundle);
    const { code, message, nextStep } = report;
    throw code === undefined ? new Error(message) : new BundleError(code, message, nextStep);
  } finally {
    await worker.terminate();
  }
}

function reportOf(worker: Worker): Promise<VerificationReport> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error) => reject(lost(error)));
    worker.once('exit', (status) => reject(lost(`it ended with status ${status}`)));
  });
}

/** Between threads a Buffer becomes the plain array that it is. */
function withBuffers<Bundle extends PublishedBundle>(bundle: Bundle): Bundle {
  const { buffer, byteOffset, length } = bundle.data;
  const data = Buffer.from(buffer, byteOffset, length);
  if (!('wasm' in bundle)) return { ...bundle, data };
  const { wasm } = bundle;
  return { ...bundle, data, wasm: Buffer.from(wasm.buffer, wasm.byteOffset, wasm.length) };
}

function lost(why: unknown): BundleError {
  return new BundleError(
    'archive_too_big',
    `the thread that read the bundle was lost: ${describeThrown(why)}`,
    'Split it, or move data that policy does not read out of it.',
    why,
  );
}
