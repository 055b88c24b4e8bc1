import { createHash } from 'node:crypto';
import { fetchProblem, type JsonObject, withinTime } from '../../domain/index.js';
import type { Approval } from '../approval.js';
import type { Approvals } from '../approvals.js';
import { ApprovalsError } from '../errors.js';
import { DeliveryFailed, type Door } from './deliveries.js';
import type { Delivery, Happening } from './store.js';
import { readWebhookSecret, signatureHeaders } from './webhook-signature.js';

const TIME_OUT_MILLISECONDS = 10_000;
const AT_ONCE = 4;

export interface WebhookOptions {
  readonly url: string;
  /** It is read for each try, so that it can be changed at any time. */
  readonly secretFile: string;
  readonly events: readonly Happening[];
  readonly approvals: Pick<Approvals, 'show'>;
  /** An approval as the receiver may see it, and where it is decided. */
  readonly show: (approval: Approval) => JsonObject;
  readonly timeOutMilliseconds?: number;
}

/**
 * Posts what happens to approvals to a URL, signed as in Standard Webhooks. Only a 2xx counts as told; no redirect is
 * followed, and of an answer nothing but its status is read.
 */
export function webhookDoor(options: WebhookOptions): Door {
  const { url, events } = options;
  return {
    // A URL may hold a secret of its receiver, which has no place in the store or in the log.
    id: `webhook:${createHash('sha256').update(url).digest('base64url')}`,
    name: `webhook to ${new URL(url).origin}`,
    happenings: events,
    atOnce: AT_ONCE,
    async deliver(delivery, signal) {
      const body = await bodyOf(options, delivery);
      if (body !== undefined) await post(options, delivery, body, signal);
    },
  };
}

/** Undefined where the approval was withdrawn, which nobody needs to hear of. */
async function bodyOf(
  { approvals, show }: WebhookOptions,
  { approvalId, happening, happenedAt }: Delivery,
): Promise<string | undefined> {
  try {
    const data = show(await approvals.show(approvalId));
    return JSON.stringify({ type: `approval.${happening}`, timestamp: happenedAt, data });
  } catch (thrown) {
    if (thrown instanceof ApprovalsError && thrown.code === 'not_found') return undefined;
    throw thrown;
  }
}

async function post(
  { url, secretFile, timeOutMilliseconds = TIME_OUT_MILLISECONDS }: WebhookOptions,
  { id }: Delivery,
  body: string,
  closing: AbortSignal,
): Promise<void> {
  const signature = signatureHeaders(
    await readWebhookSecret(secretFile),
    id,
    Math.floor(Date.now() / 1000),
    body,
  );
  const status = await withinTime(timeOutMilliseconds, closing, async (signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'regate', ...signature },
      body,
      redirect: 'manual',
      signal,
    });
    await response.body?.cancel();
    return response.status;
  }).catch((thrown: unknown) => {
    throw new DeliveryFailed('unreachable', fetchProblem(thrown));
  });
  if (status < 200 || status > 299)
    throw new DeliveryFailed(`answered_${status}`, `it answered with ${status}`);
}
