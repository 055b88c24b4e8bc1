import { setTimeout as delay } from 'node:timers/promises';
import type { Approval } from '../approval.js';
import type { Approvals } from '../approvals.js';
import { ApprovalsError } from '../errors.js';
import { DeliveryFailed, type Door } from './deliveries.js';
import type { SlackClient } from './slack-client.js';
import { slackMessage } from './slack-message.js';
import type { SlackMessageStore } from './store.js';

/** How often a message is written in one try, while the approval changes under it. */
const MOST_WRITES = 3;
/** Slack takes about one message a second in a channel. */
const REST_MILLISECONDS = 1_000;

export interface SlackDoorOptions {
  readonly channel: string;
  readonly call: SlackClient;
  readonly messages: SlackMessageStore;
  readonly approvals: Pick<Approvals, 'show'>;
  /** Where an approval is decided beside Slack. */
  readonly urlOf: (approval: Approval) => string;
  readonly restMilliseconds?: number;
}

/** Keeps one message in a Slack channel for each approval, which always says how it stands. */
export function slackDoor(options: SlackDoorOptions): Door {
  const { channel, restMilliseconds = REST_MILLISECONDS } = options;
  let rested = 0;
  return {
    id: `slack:${channel}`,
    name: 'Slack',
    happenings: ['requested', 'escalated', 'approved', 'denied', 'expired', 'spent'],
    atOnce: 1,
    async deliver({ approvalId }, signal) {
      for (let writes = 0; writes < MOST_WRITES; writes++) {
        await delay(Math.max(0, rested - performance.now()), undefined, { signal });
        rested = performance.now() + restMilliseconds;
        const approval = await shown(options, approvalId);
        if (approval === undefined || !(await write(options, approval, signal))) return;
        // Another gateway may have written what it was before, or have had no message to change.
        const now = await shown(options, approvalId);
        if (now === undefined || isSame(approval, now)) return;
      }
      throw new DeliveryFailed('changes_too_fast', 'the approval changes faster than its message');
    },
  };
}

/** Undefined where it was withdrawn. */
async function shown({ approvals }: SlackDoorOptions, id: string): Promise<Approval | undefined> {
  try {
    return await approvals.show(id);
  } catch (thrown) {
    if (thrown instanceof ApprovalsError && thrown.code === 'not_found') return undefined;
    throw thrown;
  }
}

/** Whether there is a message now: of what was decided before Slack heard of it none is made. */
async function write(
  { channel, call, messages, urlOf }: SlackDoorOptions,
  approval: Approval,
  signal: AbortSignal,
): Promise<boolean> {
  const { isWhole: _, ...message } = slackMessage(approval, urlOf(approval));
  const body = { channel, ...message, unfurl_links: false, unfurl_media: false };
  const ts = await messages.find(channel, approval.id);
  if (ts !== undefined) {
    const { error } = await call('chat.update', { ...body, ts }, signal);
    // Somebody removed it, and does not want it back.
    if (error !== undefined && error !== 'message_not_found') throw refused('chat.update', error);
    return true;
  }
  if (approval.state !== 'pending') return false;
  const posted = await call('chat.postMessage', body, signal);
  if (posted.ts === undefined) throw refused('chat.postMessage', posted.error ?? 'no_ts');
  await messages.keep(channel, approval.id, posted.ts);
  return true;
}

function refused(method: string, error: string): DeliveryFailed {
  return new DeliveryFailed(`slack_${error}`, `${method}: Slack says ${error}`);
}

function isSame(one: Approval, other: Approval): boolean {
  return (
    one.state === other.state &&
    one.votes.length === other.votes.length &&
    one.escalatesAt === other.escalatesAt
  );
}
