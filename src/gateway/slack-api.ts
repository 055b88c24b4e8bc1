import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Request, type Response, Router, raw } from 'express';
import { APPROVE_ACTION, ApprovalsError, DENY_ACTION, slackMessage } from '../approvals/index.js';
import { describeThrown, type Principal, RegateError, shapeCheck } from '../domain/index.js';
import { Bucket } from './bucket.js';
import { checkHost } from './connect.js';
import type { GatewayParts } from './parts.js';
import { GatewayError } from './refusal.js';
import { pageOf } from './wait/answers.js';

/** A payload holds the message that was clicked, and Slack's account of who did. */
const MOST_BYTES = 262_144;
/** Anybody can send what must be verified. */
const RATE = { burst: 200, perSecond: 20 } as const;
/** Slack, "Verifying requests from Slack". */
const LONGEST_AGE_SECONDS = 300;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;
const SECONDS = /^\d{1,12}$/;
const DENIED = 'denied in Slack';

/** What it takes to decide in Slack. */
export interface SlackParts {
  /** Id of the one channel whose buttons count. */
  readonly channel: string;
  /** Who Slack's users are, by Slack's id. */
  readonly approvers: ReadonlyMap<
    string,
    { readonly issuer: string; readonly subject: string; readonly groups: readonly string[] }
  >;
  /** With which Slack signs. */
  signingSecret(): Promise<string>;
  /**
   * Notes that a request came, over all gateways of a store.
   *
   * @param forgetAt - milliseconds since 1970-01-01T00:00:00Z
   * @returns whether it came for the first time
   */
  use(digest: string, forgetAt: number): Promise<boolean>;
  /** Says something in the channel that this user alone sees. */
  tell(user: string, text: string): Promise<void>;
}

/** What is not Slack's, or is not this gateway's to answer. */
class SlackError extends RegateError<'forged' | 'foreign'> {}

interface Click {
  readonly user: string;
  readonly verdict: 'approve' | 'deny';
  readonly approvalId: string;
}

const isPayload = shapeCheck<{
  readonly user: { readonly id: string };
  readonly channel: { readonly id: string };
  readonly actions: readonly [{ readonly action_id: string; readonly value: string }];
}>({
  type: 'object',
  required: ['type', 'user', 'channel', 'actions'],
  properties: {
    type: { const: 'block_actions' },
    user: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', pattern: '^[UW][A-Z0-9]{1,30}$' } },
    },
    channel: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    actions: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['action_id', 'value'],
        properties: {
          action_id: { enum: [APPROVE_ACTION, DENY_ACTION] },
          value: { type: 'string', pattern: '^apr_[a-z2-7]{16}$' },
        },
      },
    },
  },
});

/** Where Slack tells of clicks, below `/slack`. Its signature proves that it is Slack; who may vote is for the core to say. */
export function slackApi(parts: GatewayParts, slack: SlackParts): Router {
  const router = Router();
  const bucket = new Bucket(RATE);
  router
    .route('/actions')
    .post((request, response) => take(parts, slack, bucket, request, response))
    .all((_request, response) => void response.status(405).setHeader('Allow', 'POST').end());
  return router;
}

/** Never throws. */
async function take(
  parts: GatewayParts,
  slack: SlackParts,
  bucket: Bucket,
  request: Request,
  response: Response,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  try {
    checkHost(request, parts.settings);
    if (!bucket.take()) throw new GatewayError('over_limit', 'too many clicks come', 'Click again later.');
    const body = await readBody(request, response);
    await mustBeSlack(slack, request, body);
    const click = clickIn(body, slack);
    const refusal = await carryOut(parts, slack, click);
    response.status(200).end();
    // Slack shows nothing of an answer to a click, so what was refused is told apart from it.
    if (refusal !== undefined) await tell(parts, slack, click, refusal);
  } catch (thrown) {
    respondError(parts, response, thrown);
  }
}

function respondError({ log }: GatewayParts, response: Response, thrown: unknown): void {
  const detail = describeThrown(thrown);
  if (thrown instanceof SlackError) {
    log.warn('a click in Slack was refused', { code: thrown.code, detail });
    response
      .status(thrown.code === 'forged' ? 401 : 400)
      .json({ error: { code: thrown.code, message: detail } });
  } else if (thrown instanceof GatewayError) {
    const status = thrown.code === 'over_limit' ? 429 : 403;
    response.status(status).json({ error: { code: thrown.code, message: detail } });
  } else {
    log.error('a click in Slack could not be carried out', { detail });
    response.status(503).end();
  }
}

/** @throws SlackError `foreign` */
async function readBody(request: Request, response: Response): Promise<Buffer> {
  const read = raw({ type: 'application/x-www-form-urlencoded', inflate: false, limit: MOST_BYTES });
  await new Promise<void>((resolve, reject) => {
    read(request, response, (problem?: unknown) => {
      if (problem === undefined) resolve();
      else reject(foreign(`the body is not one of at most ${MOST_BYTES} bytes, uncompressed`));
    });
  });
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body)) throw foreign('the body is no form');
  return body;
}

/**
 * Slack, "Verifying requests from Slack". Each signature is good once.
 *
 * @throws SlackError `forged`
 */
async function mustBeSlack(slack: SlackParts, request: Request, body: Buffer): Promise<void> {
  const timestamp = request.get('x-slack-request-timestamp') ?? '';
  const signature = request.get('x-slack-signature') ?? '';
  if (!SECONDS.test(timestamp) || !SIGNATURE.test(signature)) throw forged('it has no signature of Slack');
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > LONGEST_AGE_SECONDS)
    throw forged('its signature is of another time');
  const secret = await slack.signingSecret();
  if (secret === '') throw new Error("the file of Slack's signing secret is empty");
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  if (!timingSafeEqual(Buffer.from(`v0=${hmac}`), Buffer.from(signature)))
    throw forged('its signature is wrong');
  const digest = createHash('sha256').update(`slack|${signature}`).digest('base64url');
  if (!(await slack.use(digest, (Number(timestamp) + LONGEST_AGE_SECONDS) * 1000)))
    throw forged('it came before');
}

/** @throws SlackError `foreign` */
function clickIn(body: Buffer, { channel }: SlackParts): Click {
  const [text, more] = new URLSearchParams(body.toString()).getAll('payload');
  if (text === undefined || more !== undefined) throw foreign('the form has not exactly one `payload`');
  const payload = parsed(text);
  if (!isPayload(payload)) throw foreign('the payload is no click on a button of this gateway');
  if (payload.channel.id !== channel) throw foreign('the click was in another channel');
  const [{ action_id, value }] = payload.actions;
  return {
    user: payload.user.id,
    verdict: action_id === APPROVE_ACTION ? 'approve' : 'deny',
    approvalId: value,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw foreign('the payload is no JSON');
  }
}

/** Votes; answers what the user is to be told where that came to nothing, or to little. */
async function carryOut(parts: GatewayParts, slack: SlackParts, click: Click): Promise<string | undefined> {
  const { user, verdict, approvalId } = click;
  const voter = voterOf(slack, user);
  if (voter === undefined) {
    await recordRefused(parts, click, `slack|${user}`, 'unknown_user');
    return 'Nobody has said who you are, so your buttons do not count. Ask who runs the gateway.';
  }
  if (parts.revocation?.desk.isRevoked(voter) === true) {
    await recordRefused(parts, click, voter.id, 'revoked');
    return 'Your access was revoked.';
  }
  try {
    const page = verdict === 'approve' ? await pageOfHidden(parts, approvalId) : undefined;
    if (page !== undefined) {
      await recordRefused(parts, click, voter.id, 'not_shown_whole');
      return `Slack cannot show all that you would approve. Decide on it here: ${page}`;
    }
    const ballot = verdict === 'deny' ? { verdict, note: DENIED } : { verdict };
    const { state } = await parts.approvals.vote(approvalId, voter, ballot);
    return state === 'pending' ? 'Your vote counts. Others must agree, too.' : undefined;
  } catch (thrown) {
    if (thrown instanceof ApprovalsError) return `That did not count: ${thrown.message}. ${thrown.nextStep}`;
    throw thrown;
  }
}

/**
 * The page of an approval that Slack cannot show whole; its message has no button to approve it by, so who clicked one has
 * not seen what is approved. Undefined for all others: also for one that there is not, of which the vote will say so.
 */
async function pageOfHidden(parts: GatewayParts, id: string): Promise<string | undefined> {
  const approval = await parts.approvals.show(id).catch((thrown: unknown) => {
    if (thrown instanceof ApprovalsError && thrown.code === 'not_found') return undefined;
    throw thrown;
  });
  if (approval?.state !== 'pending') return undefined;
  const page = pageOf(parts, approval);
  return slackMessage(approval, page).isWhole ? undefined : page;
}

function voterOf({ approvers }: SlackParts, user: string): Principal | undefined {
  const known = approvers.get(user);
  if (known === undefined) return undefined;
  const { issuer, subject, groups } = known;
  return {
    id: `${issuer}|${subject}`,
    issuer,
    subject,
    client_id: 'slack',
    groups,
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
    kind: 'oidc',
  };
}

async function recordRefused(
  { audit, log }: GatewayParts,
  { approvalId }: Click,
  actor: string,
  note: string,
): Promise<void> {
  log.warn('a click in Slack was refused', { code: note, actor, approval: approvalId });
  await audit.append({ type: 'approval', approval_id: approvalId, action: 'vote_refused', actor, note });
}

async function tell({ log }: GatewayParts, slack: SlackParts, { user }: Click, text: string): Promise<void> {
  try {
    await slack.tell(user, text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'));
  } catch (thrown) {
    log.warn('somebody could not be told what became of a click in Slack', {
      detail: describeThrown(thrown),
    });
  }
}

function forged(message: string): SlackError {
  return new SlackError('forged', message, 'Compare the signing secret with that of the Slack app.');
}

function foreign(message: string): SlackError {
  return new SlackError('foreign', message, 'Look at which app and channel the gateway is configured for.');
}
