import { isApiError, shapeCheck } from '../../domain/index.js';
import { readBounded } from '../bounded-body.js';
import { describeFailure, unreachable } from '../download.js';
import { parseOrUndefined } from '../json-text.js';
import { bearer } from './bearer.js';
import { FleetError } from './error.js';
import type { FleetView } from './view.js';

const TIMEOUT_MILLISECONDS = 30_000;
const ANSWER_BYTES = 64 * 1024 * 1024;

const text = { type: 'string' };
const count = { type: 'integer' };
const object = (required: object, optional: object = {}) => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const list = (items: object) => ({ type: 'array', items });
const condition = { code: text, message: text };
const revision = { revision: text, digest: text };

const isFleetView = shapeCheck<FleetView>(
  object({
    at: text,
    bundles: list(
      object({
        name: text,
        instances: count,
        revisions: list(object({ revision: text, instances: count }, { digest: text })),
        errors: count,
        stale: count,
      }),
    ),
    instances: list(
      object(
        {
          id: text,
          principal: text,
          labels: { type: 'object', additionalProperties: text },
          heard_at: text,
          stale: { type: 'boolean' },
          bundles: list(
            object(
              {
                name: text,
                shadows: list(
                  object({ ...revision, compared: count, different: count, failed: count, skipped: count }),
                ),
              },
              {
                ...revision,
                ...condition,
                serial: count,
                channel: text,
                since: text,
                expires: text,
                fell_back_from: object(revision),
              },
            ),
          ),
          problems: list(object({ of: text, code: text }, { message: text })),
        },
        { version: text },
      ),
    ),
  }),
);
/**
 * Asks a bundle server for its fleet. A redirect is not followed, so that the token goes nowhere else.
 *
 * @param url the bundle server's; `/fleet` is added
 * @throws FleetError `fleet_refused` with the server's reason, `token_malformed`; BundleError `unreachable`
 */
export async function fetchFleet(url: string, token: string): Promise<FleetView> {
  const authorization = bearer(token);
  const { status, answer } = await get(`${url.replace(/\/$/, '')}/fleet`, authorization).catch(
    (thrown: unknown) => {
      throw unreachable(url, describeFailure(thrown), thrown);
    },
  );
  if (status === 200 && isFleetView(answer)) return answer;
  if (!isApiError(answer))
    throw unreachable(url, `status ${status} is not the answer of one that knows a fleet`);
  const { code, message, next_step: nextStep } = answer.error;
  throw new FleetError('fleet_refused', `${message} [${code}, status ${status}]`, nextStep);
}

async function get(url: string, authorization: string): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(url, {
    headers: { Authorization: authorization },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const body = String(await readBounded(response.body, ANSWER_BYTES));
  return { status: response.status, answer: parseOrUndefined(body) };
}
