import { type Identified, type Message, type RequestMessage, STATELESS } from '../../domain/index.js';
import {
  decodeMessage,
  memberAt,
  ProtocolError,
  paramText,
  readJson,
  withoutMembers,
} from '../../protocol/index.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import type { Session } from '../sessions.js';
import { type StateFault, StateSeal } from './request-state.js';

/** What a caller that was told to come again brings back, apart from its call. */
export interface Comeback {
  readonly approvalId: string;
  readonly callDigest: string;
  /** Whether its user did not want to go to the page. That they went is no vote: who agrees does so there. */
  readonly declined: boolean;
}

/** A caller's message without what it brings back for the gateway itself. */
export interface Returned {
  readonly message: Message;
  readonly comeback?: Comeback;
}

/** The members of params that belong to a round trip with whoever sealed the state. */
const OF_ROUND_TRIP = ['requestState', 'inputResponses'] as const;

/** Whether a call is part of a round trip with its upstream. */
export function isRoundTrip({ document, params }: RequestMessage): boolean {
  return OF_ROUND_TRIP.some((name) => memberAt(document, params, name) !== undefined);
}

/**
 * Takes from a message the gateway's own `requestState`, and the responses to what was asked with it: neither the call
 * that humans approve nor the upstream knows of it. An upstream's own state passes untouched.
 *
 * @throws ProtocolError `invalid_params` where the state is forged
 * @throws GatewayError `approval_unusable` where it is another principal's, or its time is over
 */
export function takeState(
  parts: GatewayParts,
  { principal }: Identified,
  session: Session,
  message: Message,
): Returned {
  if (message.kind !== 'request' || session.protocol_version !== STATELESS) return { message };
  const { document, params } = message;
  const state = paramText(message, 'requestState');
  const seal = new StateSeal(parts.hashKey);
  if (state === undefined || params === undefined || !seal.isOurs(state)) return { message };
  const said = seal.open(state, principal.id, new Date());
  if (typeof said === 'string') throw faultOf(said);
  const bytes = withoutMembers(document, params, OF_ROUND_TRIP);
  return {
    message: decodeMessage(readJson(bytes, { maxDepth: parts.settings.limits.depth })),
    comeback: { ...said, declined: declines(message) },
  };
}

/** Whether any of the responses says anything but `accept`. */
function declines({ document, params }: RequestMessage): boolean {
  const responses = memberAt(document, params, 'inputResponses');
  if (responses === undefined) return false;
  return [...document.members(responses)].some(([, response]) => {
    const action = document.member(response, 'action');
    return action !== undefined && document.kind(action) === 'string' && document.string(action) !== 'accept';
  });
}

function faultOf(fault: StateFault): Error {
  if (fault === 'forged') return new ProtocolError('invalid_params', 'requestState was not sealed here');
  const why = fault === 'expired' ? 'its time is over' : "it is another principal's";
  return new GatewayError(
    'approval_unusable',
    `the requestState cannot be used: ${why}`,
    'Send the call without a requestState to ask anew.',
    { approval: { state: fault } },
  );
}
