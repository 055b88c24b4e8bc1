import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeThrown } from '../../domain/index.js';
import { DoorError } from './errors.js';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Standard Webhooks, "Signature scheme": 24 to 64 bytes. */
const LEAST_KEY_BYTES = 24;
const LEAST_TEXT_BYTES = 32;

/**
 * The key of a file that holds `whsec_` and Base64, or a text that is the key itself.
 *
 * @throws {DoorError} `secret_unusable`
 */
export async function readWebhookSecret(path: string): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw unusable(path, `cannot be read (${describeThrown(thrown)})`, thrown);
  });
  const secret = text.trim();
  if (!secret.startsWith(PREFIX)) {
    const key = Buffer.from(secret);
    if (key.byteLength < LEAST_TEXT_BYTES) throw unusable(path, `has less than ${LEAST_TEXT_BYTES} bytes`);
    return key;
  }
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  if (!BASE64.test(encoded) || key.byteLength < LEAST_KEY_BYTES)
    throw unusable(path, `is not ${PREFIX} and the Base64 of ${LEAST_KEY_BYTES} bytes or more`);
  return key;
}

/**
 * The headers that prove where a webhook comes from (Standard Webhooks, symmetric signatures).
 *
 * @param id - the same at each try
 * @param seconds - of this try, since 1970-01-01T00:00:00Z
 */
export function signatureHeaders(
  key: Buffer,
  id: string,
  seconds: number,
  body: string,
): Record<string, string> {
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}

function unusable(path: string, why: string, cause?: unknown): DoorError {
  const nextStep = `Write ${PREFIX} and the Base64 of 32 random bytes into it.`;
  return new DoorError('secret_unusable', `the webhook secret in ${path} ${why}`, nextStep, cause);
}
