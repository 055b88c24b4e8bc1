import { spawn } from 'node:child_process';
import { describeThrown, systemErrorCode } from '../domain/index.js';
import { BundleError } from './error.js';
import type { SigningAlgorithm } from './keys.js';

/**
 * A program that signs with a key that never leaves its place, such as a KMS or an HSM.
 *
 * It reads the JWS signing input (RFC 7515, section 5.1) from its standard input to the end, and writes the signature to
 * its standard output in base64 or base64url: for ES256 as JWS has it (64 bytes) or in DER, as most KMS answer. Its
 * standard error is ours. Nothing secret is among its arguments.
 */
export interface SigningCommand {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: readonly string[]];
  /** What its signatures are verified with, at once. SubjectPublicKeyInfo, PEM. */
  readonly publicKeyPem: string;
  /** Without it, a minute. */
  readonly timeoutMilliseconds?: number;
}

const TIMEOUT_MILLISECONDS = 60_000;
/** Several times the signature of the longest RSA key. */
const OUTPUT_BYTES = 64 * 1024;
/** How a write fails where the reader is gone. */
const CLOSED = ['EPIPE', 'ECONNRESET'];
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * Has the program sign.
 *
 * @returns the signature as JWS has it; whether it verifies is the caller's to find out
 * @throws BundleError `signing_failed`; its words repeat nothing that the program wrote
 */
export async function signWithCommand(key: SigningCommand, input: string): Promise<Buffer> {
  const text = (await run(key, input)).toString('latin1').trim();
  if (!BASE64.test(text)) throw failed(key, 'its output is no signature in base64');
  const signature = Buffer.from(text, 'base64');
  return key.algorithm === 'ES256' && signature.length !== 2 * P256_BYTES
    ? fromDer(key, signature)
    : signature;
}

/** The program is killed when the time is up, when it writes too much, and when it is of no use any more. */
function run(key: SigningCommand, input: string): Promise<Buffer> {
  const [program, ...args] = key.command;
  const milliseconds = key.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS;
  return new Promise((finish, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const giveUp = (why: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      // A process that it started may hold them open.
      child.stdin.destroy();
      child.stdout.destroy();
      reject(failed(key, why, cause));
    };
    const timer = setTimeout(() => giveUp(`it was stopped after ${milliseconds} ms`), milliseconds);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > OUTPUT_BYTES) giveUp(`it wrote more than ${OUTPUT_BYTES} bytes`);
    });
    child.on('error', (thrown) => giveUp(describeThrown(thrown), thrown));
    child.stdin.on('error', (thrown) => {
      // It may end without having read all; its status and its signature tell what that is worth.
      if (!CLOSED.includes(systemErrorCode(thrown) ?? '')) giveUp(describeThrown(thrown), thrown);
    });
    child.on('close', (status, signal) => {
      if (status !== 0) return giveUp(`it ended with ${signal ?? `status ${status}`}`);
      clearTimeout(timer);
      finish(Buffer.concat(chunks));
    });
    child.stdin.end(input);
  });
}

const P256_BYTES = 32;

/** The two numbers of a DER ECDSA-Sig-Value (RFC 3279, section 2.2.3), one after the other (RFC 7518, section 3.4). */
function fromDer(key: SigningCommand, der: Buffer): Buffer {
  // Both lengths are below 128 here, so that each is one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw failed(key, NO_ECDSA);
  const r = integerAt(key, der, 2);
  const s = integerAt(key, der, r.end);
  if (s.end !== der.length) throw failed(key, NO_ECDSA);
  return Buffer.concat([r.value, s.value]);
}

function integerAt(key: SigningCommand, der: Buffer, start: number): { value: Buffer; end: number } {
  const end = start + 2 + (der[start + 1] ?? 0);
  const digits = der.subarray(start + 2, end);
  const bytes = digits[0] === 0 ? digits.subarray(1) : digits;
  if (der[start] !== 0x02 || end > der.length || bytes.length > P256_BYTES) throw failed(key, NO_ECDSA);
  return { value: Buffer.concat([Buffer.alloc(P256_BYTES - bytes.length), bytes]), end };
}

const NO_ECDSA = 'its output is no signature of ES256';

function failed({ command: [program] }: SigningCommand, why: string, cause?: unknown): BundleError {
  return new BundleError(
    'signing_failed',
    `the signing command ${program} gave no signature: ${why}`,
    'It reads what is to be signed from its standard input, writes the signature in base64, and ends with 0.',
    cause,
  );
}
