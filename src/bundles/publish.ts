import { Ajv } from 'ajv';
import type { Revision } from '../domain/index.js';
import { ARCHIVE_LIMITS, tooBig } from './archive.js';
import { readBounded } from './bounded-body.js';
import { describeFailure, unreachable } from './download.js';
import { BundleError } from './error.js';

const TIMEOUT_MILLISECONDS = 120_000;
const ANSWER_BYTES = 64 * 1024;

/** What to publish, and where. */
export interface PublishRequest {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  readonly archive: Buffer;
  /** A bearer token of a principal that may publish. */
  readonly token: string;
}

interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly next_step: string };
}

const ajv = new Ajv();
const strings = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});
const isRevision = ajv.compile<Revision>(strings('bundle', 'revision', 'digest'));
const isRefusal = ajv.compile<Refusal>({
  type: 'object',
  required: ['error'],
  properties: { error: strings('code', 'message', 'next_step') },
});

/**
 * Publishes a signed bundle: once this returns, gateways that wait for it get it at once, others with their next poll. A redirect is not followed,
 * so that the token goes nowhere else.
 *
 * @throws BundleError `publish_refused` with the server's reason, `archive_too_big`, `unreachable`
 */
export async function publishBundle({ url, archive, token }: PublishRequest): Promise<Revision> {
  if (archive.length > ARCHIVE_LIMITS.archiveBytes) throw tooBig(`${ARCHIVE_LIMITS.archiveBytes} bytes`);
  const { status, answer } = await put(url, archive, token).catch((thrown: unknown) => {
    throw unreachable(url, describeFailure(thrown), thrown);
  });
  if (status === 200 && isRevision(answer)) {
    return { bundle: answer.bundle, revision: answer.revision, digest: answer.digest };
  }
  if (!isRefusal(answer)) throw unreachable(url, `status ${status} is not a bundle server's answer`);
  const { code, message, next_step: nextStep } = answer.error;
  throw new BundleError('publish_refused', `${message} [${code}, status ${status}]`, nextStep);
}

async function put(
  url: string,
  archive: Buffer,
  token: string,
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/gzip' },
    body: new Uint8Array(archive),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const text =
    response.body === null ? '' : (await readBounded(response.body, ANSWER_BYTES)).toString('utf8');
  return { status: response.status, answer: parseOrUndefined(text) };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
