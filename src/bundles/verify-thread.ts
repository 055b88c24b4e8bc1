/** Verifies the one bundle that it is given, tells what came of it, and has nothing more to do. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeThrown } from '../domain/index.js';
import { readArchive } from './archive.js';
import { BundleError, type BundleErrorCode } from './error.js';
import { type BundleTrust, type PublishedBundle, verifyRead } from './verification.js';

/** What came of it. */
export type VerificationReport =
  | { readonly type: 'verified'; readonly bundle: PublishedBundle }
  | {
      readonly type: 'refused';
      /** Missing where it was no error of the bundle's. */
      readonly code: BundleErrorCode | undefined;
      readonly message: string;
      readonly nextStep: string;
    };

const { archive, trust } = workerData as { readonly archive: Uint8Array; readonly trust: BundleTrust };

async function verify(): Promise<VerificationReport> {
  try {
    const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
    return { type: 'verified', bundle: await verifyRead(bytes, await readArchive(bytes), trust) };
  } catch (thrown) {
    const message = describeThrown(thrown);
    if (thrown instanceof BundleError) {
      return { type: 'refused', code: thrown.code, message, nextStep: thrown.nextStep };
    }
    return { type: 'refused', code: undefined, message, nextStep: '' };
  }
}

/** What is large is handed over, not copied. */
function buffersOf(report: VerificationReport): ArrayBuffer[] {
  if (report.type === 'refused') return [];
  const { bundle } = report;
  const buffers = [bundle.data, ...('wasm' in bundle ? [bundle.wasm] : [])].map(({ buffer }) => buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

const report = await verify();
parentPort?.postMessage(report, buffersOf(report));
