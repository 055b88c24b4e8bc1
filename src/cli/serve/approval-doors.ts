import { readFile } from 'node:fs/promises';
import type { Logger } from 'winston';
import {
  type Approval,
  type Approvals,
  createDeliveries,
  type Deliveries,
  type Door,
  readWebhookSecret,
  slackClient,
  slackDoor,
  webhookDoor,
} from '../../approvals/index.js';
import type { GatewayConfig } from '../../config/index.js';
import { pageOf, type SlackParts, shownToAll } from '../../gateway/index.js';
import type { Store } from '../../store/index.js';

/** How people are reached, beside the page. */
export interface ApprovalDoors {
  readonly doors: readonly Door[];
  readonly deliveries: Deliveries;
  readonly slack?: SlackParts;
  /** Calls off what is under way. */
  close(): Promise<void>;
}

/**
 * The configured ways to people; undefined where there are none.
 *
 * @throws DoorError where a webhook's secret cannot be used
 */
export async function approvalDoorsOf(
  { approvals: config, publicUrl }: GatewayConfig,
  parts: { readonly approvals: Approvals; readonly store: Store; readonly log: Logger },
): Promise<ApprovalDoors | undefined> {
  const { webhooks, page } = config;
  const { approvals, store, log } = parts;
  const urlOf = (approval: Approval) => pageOf({ settings: { publicUrl }, page }, approval);
  const show = (approval: Approval) => ({ ...shownToAll(approval), url: urlOf(approval) });
  // One that cannot sign is better known of now than at the first approval.
  for (const { secretFile } of webhooks) await readWebhookSecret(secretFile);
  const doors: Door[] = webhooks.map((webhook) => webhookDoor({ ...webhook, approvals, show }));
  const closing = new AbortController();
  const slack = config.slack && slackOf(config.slack, { ...parts, urlOf, closing: closing.signal });
  if (slack !== undefined) doors.push(slack.door);
  if (doors.length === 0) return undefined;
  const deliveries = createDeliveries({ store: store.deliveries, doors, approvals, log });
  return {
    doors,
    deliveries,
    ...(slack !== undefined && { slack: slack.parts }),
    async close() {
      closing.abort();
      await deliveries.close();
    },
  };
}

function slackOf(
  {
    botTokenFile,
    signingSecretFile,
    channel,
    apiUrl,
    approvers,
  }: NonNullable<GatewayConfig['approvals']['slack']>,
  {
    approvals,
    store,
    urlOf,
    closing,
  }: {
    readonly approvals: Approvals;
    readonly store: Store;
    readonly urlOf: (approval: Approval) => string;
    readonly closing: AbortSignal;
  },
): { readonly door: Door; readonly parts: SlackParts } {
  const call = slackClient({ apiUrl, tokenFile: botTokenFile });
  return {
    door: slackDoor({ channel, call, messages: store.slackMessages, approvals, urlOf }),
    parts: {
      channel,
      approvers,
      signingSecret: async () => (await readFile(signingSecretFile, 'utf8')).trim(),
      use: (digest, forgetAt) => store.proofs.use(digest, forgetAt),
      async tell(user, text) {
        const { error } = await call('chat.postEphemeral', { channel, user, text }, closing);
        if (error !== undefined) throw new Error(`chat.postEphemeral: Slack says ${error}`);
      },
    },
  };
}
