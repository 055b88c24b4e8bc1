import { readFile } from 'node:fs/promises';
import { fetchProblem, readBounded, shapeCheck, withinTime } from '../../domain/index.js';
import { DeliveryFailed } from './deliveries.js';

const TIME_OUT_MILLISECONDS = 10_000;
const MOST_ANSWER_BYTES = 1_048_576;
/** Slack asks for seconds; more than this it is not given. */
const LONGEST_ASKED_MILLISECONDS = 3_600_000;

/** The method of Slack's Web API that is called, and its arguments. */
export type SlackClient = (
  method: 'chat.postMessage' | 'chat.update' | 'chat.postEphemeral',
  body: object,
  signal: AbortSignal,
) => Promise<{ readonly ts?: string; readonly error?: string }>;

export interface SlackClientOptions {
  readonly apiUrl: string;
  /** It is read for each call, so that it can be changed at any time. */
  readonly tokenFile: string;
}

const isAnswer = shapeCheck<{ readonly ok: boolean; readonly ts?: string; readonly error?: string }>({
  type: 'object',
  required: ['ok'],
  properties: { ok: { type: 'boolean' }, ts: { type: 'string' }, error: { type: 'string' } },
});

/**
 * Calls Slack's Web API with the bot's token.
 *
 * @returns what Slack answered; with Slack's word for it where it says no
 * @throws {DeliveryFailed} where there is no such answer, with how long Slack wants to be left alone
 */
export function slackClient({ apiUrl, tokenFile }: SlackClientOptions): SlackClient {
  return async (method, body, closing) => {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const { status, retryAfter, text } = await withinTime(TIME_OUT_MILLISECONDS, closing, async (signal) => {
      const response = await fetch(`${apiUrl}/${method}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json; charset=utf-8',
        },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal,
      });
      return {
        status: response.status,
        retryAfter: Number(response.headers.get('retry-after') ?? 0) * 1000,
        text: (await readBounded(response.body, MOST_ANSWER_BYTES)).toString(),
      };
    }).catch((thrown: unknown) => {
      throw new DeliveryFailed('unreachable', `${method}: ${fetchProblem(thrown)}`);
    });
    if (status !== 200) {
      const asked = Number.isFinite(retryAfter) ? Math.min(retryAfter, LONGEST_ASKED_MILLISECONDS) : 0;
      throw new DeliveryFailed(`answered_${status}`, `${method}: Slack answered with ${status}`, asked);
    }
    const answer = parsed(text);
    if (!isAnswer(answer)) throw new DeliveryFailed('not_slack', `${method}: what answers is not Slack`);
    const { ok, ts, error = 'unknown' } = answer;
    // Slack's words are names; what else may stand there has no place in a log.
    return ok ? { ...(ts !== undefined && { ts }) } : { error: error.replace(/[^a-z_]/g, '').slice(0, 60) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DeliveryFailed('not_slack', 'what answers is not Slack: no JSON');
  }
}
