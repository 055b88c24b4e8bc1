import { type Approval, meetsTerms } from '../approvals/index.js';
import {
  type Identified,
  type Judged,
  Received,
  type RequestMessage,
  type Restoration,
  type RestoredValue,
} from '../domain/index.js';
import { findTokens, type KeptValue, restoreTokens } from '../masking/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { decodeMessage, knownVersion, mustFit, readJson, toolCall } from '../protocol/index.js';
import { judge, record } from './judge.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, reasonsData } from './refusal.js';
import { Refused } from './refuse.js';
import { usedOf } from './wait/grant.js';

/**
 * Puts values in the places of the caller's own tokens where the decision on a request says so, and has policy judge the
 * request again as it will move: a value of one server may do harm at another. A human's yes was given to the tokens,
 * and stands for no more than policy then demands.
 *
 * @param approval under which the request runs, if under any
 * @returns what was judged last; the same where nothing is put back
 * @throws GatewayError `token_unknown` where a token there is none of this principal's, or has expired
 * @throws Refused where policy wants an approval now that was not given, already recorded
 * @throws MaskingError, PolicyError, ProtocolError where it cannot be known whether it may pass
 */
export async function restore(
  parts: GatewayParts,
  policy: PinnedPolicy,
  judged: Judged,
  approval: Approval | undefined,
): Promise<Judged> {
  const { received, decision } = judged;
  const { message } = received;
  if (decision.effect !== 'allow' || decision.restore === undefined || message.kind !== 'request')
    return judged;
  const restoration = await valuesFor(parts, received, decision.restore);
  if (restoration === undefined) return judged;
  const moving = withValues(parts, received, restoration);
  parts.correlation.restored.set(message, restoration.values);
  const again = await judge(parts, policy, moving);
  if (again.decision.effect !== 'require_approval') return again;
  const { approval: demanded } = again.decision;
  if (approval === undefined || demanded === undefined || !meetsTerms(approval, demanded, new Date()))
    throw await notApproved(parts, again, approval);
  return judge(parts, policy, moving, usedOf(approval));
}

/**
 * The values that took the places of tokens in a request, by the request with its tokens. Where it was sent before a
 * restart or through another gateway, those of all tokens in it that are still good.
 *
 * @throws GatewayError `token_unknown` where they are lost
 * @throws MaskingError `vault_failed`
 */
export async function restoredIn(
  { correlation, vault }: GatewayParts,
  { principal }: Identified,
  request: RequestMessage | undefined,
): Promise<readonly RestoredValue[]> {
  if (request === undefined) return [];
  const known = correlation.restored.get(request);
  if (known === 'lost') throw valuesLost();
  if (known !== undefined || vault === undefined) return known ?? [];
  const { tokens } = findTokens(request.document, EVERYWHERE);
  return tokens.length === 0 ? [] : [...(await vault.find(principal.id, tokens)).values()];
}

/**
 * Finds out, for a call that was sent before a restart or by another gateway, which values it may have been sent with. A
 * token in it that stands for nothing any more could have been one of these, so no answer to it can be held to be without.
 *
 * @throws MaskingError `vault_failed`
 */
export async function recallRestored(
  { correlation, vault }: GatewayParts,
  { principal }: Identified,
  call: RequestMessage,
): Promise<void> {
  const { tokens } = findTokens(call.document, EVERYWHERE);
  if (tokens.length === 0) return;
  const kept = await vault?.find(principal.id, tokens);
  const isWhole = kept !== undefined && tokens.every((token) => kept.has(token));
  correlation.restored.set(call, isWhole ? [...kept.values()] : 'lost');
}

const EVERYWHERE = [{ path: '/params/arguments/**' }];

type WithBytes = Restoration & { readonly bytes: Buffer };

/** Undefined where no token there may be put back. */
async function valuesFor(
  parts: GatewayParts,
  received: Received,
  obligations: NonNullable<Judged['decision']['restore']>,
): Promise<WithBytes | undefined> {
  const { message, identified } = received;
  const found = findTokens(message.document, obligations);
  if (found.tokens.length === 0) return undefined;
  const kept =
    (await parts.vault?.find(identified.principal.id, found.tokens)) ?? new Map<string, KeptValue>();
  if (found.tokens.some((token) => !kept.has(token))) throw tokenUnknown();
  const bounds = {
    upstream: identified.arrival.upstream.name,
    mostBytes: parts.settings.limits.messageBytes,
  };
  const { bytes, places, values } = restoreTokens(message.document, found, kept, bounds);
  return places.length === 0 ? undefined : { sent: received, places, values, bytes };
}

/** The request as it will move, read and held to its schema as any. */
function withValues(parts: GatewayParts, received: Received, { bytes, ...restoration }: WithBytes): Received {
  const { identified, session, text } = received;
  const version = knownVersion(session.protocol_version);
  if (version === undefined) throw new TypeError('a session is of a version that is known');
  const message = decodeMessage(readJson(bytes, { maxDepth: parts.settings.limits.depth }));
  toolCall(message);
  mustFit(message, version, undefined);
  return new Received(identified, session, 'to_server', message, undefined, text, restoration);
}

/** The same for all that is wrong with it: nobody learns which tokens others have. */
function tokenUnknown(): GatewayError {
  return new GatewayError(
    'token_unknown',
    'a token in the arguments has expired, or is none that this caller was shown',
    'Ask its server again for what it stood for.',
  );
}

function valuesLost(): GatewayError {
  return new GatewayError(
    'token_unknown',
    'a token in the call that this answers has expired, so what it stood for cannot be kept out of the answer',
    'Ask the server of the token again for what it stood for, and then make the call again if that does no harm.',
  );
}

async function notApproved(
  parts: GatewayParts,
  again: Judged,
  approval: Approval | undefined,
): Promise<Refused> {
  const error = new GatewayError(
    'approval_unusable',
    'with the values of its tokens the call takes an approval that was not given',
    'Ask whoever keeps the policy: it has to demand the approval of the call while it has its tokens.',
    { ...reasonsData(again.decision.reasons), approval: { state: 'other_terms' } },
  );
  return new Refused(error, again.decisionId, await record(parts, again, { approvalId: approval?.id }));
}
