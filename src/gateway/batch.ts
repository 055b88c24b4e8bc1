import type {
  Cleared,
  JsonDocument,
  Message,
  Permit,
  RequestMessage,
  RestoredValue,
} from '../domain/index.js';
import type { PinnedPolicy } from '../policy/index.js';
import { decodeMessage, idToAnswer, requestMeta, toolCall, versionInForce } from '../protocol/index.js';
import { admit, receive } from './admit.js';
import type { Conversation } from './clear.js';
import { mustConform } from './conform.js';
import type { Exchange } from './exchange.js';
import type { GatewayParts } from './parts.js';
import { type RefusedMessage, refuse } from './refuse.js';

/** A member of a batch that may go to the upstream. */
export interface AdmittedMember {
  readonly outcome: 'admitted';
  readonly decisionId: string;
  readonly message: Message;
  readonly permit: Permit;
  readonly giveBack: () => Promise<void>;
  /** Values that took the places of its tokens. */
  readonly restored: readonly RestoredValue[];
}

/** A member of a batch that stops here. */
export interface RefusedMember {
  readonly outcome: 'refused';
  readonly decisionId: string;
  /** Whether the caller waits for an answer to it: not to a notification or an answer. */
  readonly awaitsAnswer: boolean;
  readonly error: Cleared;
}

/** A batch whose members were decided on, and what of it is answered so far. */
export interface Batch extends Conversation {
  readonly exchange: Exchange;
  readonly policy: PinnedPolicy;
  /** The id of the decision on its first member, by which the HTTP response is named. */
  readonly decisionId: string;
  /** As they came; at least one. */
  readonly members: readonly (AdmittedMember | RefusedMember)[];
  /** What the upstream has not answered yet, by the key of the request's id. */
  readonly waiting: Map<string, RequestMessage>;
  /** What the upstream, or the gateway in its place, answered to requests, by the key of the id. */
  readonly answered: Map<string, Cleared>;
}

/**
 * Decides on each member of a batch as on a message that came alone, one after the other: a member that is refused
 * takes no other with it.
 *
 * @throws whatever stopped a member, where not even that could be recorded
 */
export async function admitBatch(
  parts: GatewayParts,
  policy: PinnedPolicy,
  exchange: Exchange,
  conversation: Conversation,
  documents: readonly JsonDocument[],
): Promise<Batch> {
  const members: (AdmittedMember | RefusedMember)[] = [];
  const waiting = new Map<string, RequestMessage>();
  for (const document of documents) {
    const member = await admitMember(parts, policy, exchange, conversation, document).catch(
      (thrown: unknown) => giveBackAll(members, thrown),
    );
    members.push(member);
    if (member.outcome === 'admitted' && member.message.kind === 'request')
      waiting.set(member.message.id.key, member.message);
  }
  const [first] = members;
  if (first === undefined) throw new TypeError('a batch has at least one member');
  const { decisionId } = first;
  const restored = members.flatMap((member) => (member.outcome === 'admitted' ? member.restored : []));
  return { ...conversation, restored, exchange, policy, decisionId, members, waiting, answered: new Map() };
}

/** Nothing of the batch goes to the upstream, so nothing of it stays counted. */
async function giveBackAll(members: Batch['members'], thrown: unknown): Promise<never> {
  for (const member of members) if (member.outcome === 'admitted') await member.giveBack();
  throw thrown;
}

async function admitMember(
  parts: GatewayParts,
  policy: PinnedPolicy,
  exchange: Exchange,
  conversation: Conversation,
  document: JsonDocument,
): Promise<AdmittedMember | RefusedMember> {
  const { identified, session } = conversation;
  let about: RefusedMessage = { id: idToAnswer(document) };
  let awaitsAnswer = true;
  try {
    const message = decodeMessage(document);
    awaitsAnswer = message.kind === 'request';
    if (message.kind !== 'response') about = { ...about, method: message.method };
    about = { ...about, tool: toolCall(message)?.name };
    mustBeOfSession(message, conversation);
    mustConform(message, identified.arrival.headers, session);
    const received = receive(parts, identified, session, message);
    const { judged, permit, giveBack, policy: by } = await admit(parts, policy, received);
    if (by !== policy) by.release();
    const restored = judged.received.restoration?.values ?? [];
    return { outcome: 'admitted', decisionId: judged.decisionId, message, permit, giveBack, restored };
  } catch (thrown) {
    const refused = await refuse(parts, exchange, thrown, about);
    if (refused === undefined) throw thrown;
    return { outcome: 'refused', decisionId: refused.decisionId, awaitsAnswer, error: refused.cleared };
  }
}

/** Whatever else names a version must name that of the session, as of a message that came alone. */
function mustBeOfSession(message: Message, { identified, session }: Conversation): void {
  const header = identified.arrival.headers['mcp-protocol-version'];
  versionInForce({
    session: session.protocol_version,
    header: typeof header === 'string' ? header : undefined,
    claimed: requestMeta(message).protocolVersion,
  });
}
