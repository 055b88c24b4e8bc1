/**
 * The way of one message, as types. Each step's result is a class of its own with a private member, so a value of
 * one step cannot stand in for another's, a promise of one cannot stand in for it (a forgotten `await` does not
 * compile), and bytes move only where the step before allowed it:
 *
 *   Arrival → Identified → Received → Judged → Permit → Answer → Judged → Cleared
 *
 * `forward()` takes nothing but a Permit, `respond()` nothing but Cleared. A test keeps who may make each.
 */
import type { AuditReceipt, RecordedInput } from './audit.js';
import type { Revision } from './bundle.js';
import type { Decision, Finding } from './decision.js';
import { RegateError } from './error.js';
import { type JsonDocument, type JsonKind, jsonArrayOf } from './json.js';
import type { Direction, Message, RequestMessage } from './message.js';
import type { Principal } from './principal.js';

/** Which MCP server a message is for, as policy sees it. */
export interface UpstreamIdentity {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The MCP session a message belongs to, as policy sees it. */
export interface SessionIdentity {
  /** The upstream's session id; undefined before `initialize` was answered. */
  readonly id: string | undefined;
  readonly protocol_version: string;
  readonly client: { readonly name: string; readonly version: string };
}

/** An HTTP request reached an upstream's MCP endpoint. Nothing is proven yet. */
export interface Arrival {
  readonly exchangeId: string;
  readonly upstream: UpstreamIdentity;
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Lower-case header names; repeated headers joined as Node does. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The caller's token was verified. */
export class Identified {
  readonly #step = 'identified';
  readonly arrival: Arrival;
  readonly principal: Principal;

  constructor(arrival: Arrival, principal: Principal) {
    this.arrival = arrival;
    this.principal = principal;
  }

  get step(): string {
    return this.#step;
  }
}

/** A value that policy let take the place of its token, and that its caller is not to see in clear. */
export interface RestoredValue {
  readonly token: string;
  /** What it was before it was masked; of anything but a string, `text` is JSON. */
  readonly kind: JsonKind;
  readonly text: string;
}

/** How many tokens at one place of a request gave way to their values. */
export interface RestoredPlace {
  /** JSON Pointer of the string in which they stood. */
  readonly path: string;
  /** The detector that had found the values, where one had. */
  readonly detector?: string;
  /** The server that the values came from. */
  readonly upstream: string;
  readonly count: number;
}

/** What became of tokens in a request. */
export interface Restoration {
  /** The request with its tokens: what people approve, what is recorded, and what its answer is judged with. */
  readonly sent: Received;
  readonly places: readonly RestoredPlace[];
  readonly values: readonly RestoredValue[];
}

/** One message was decoded; whose it is and where it goes is known. */
export class Received {
  readonly #step = 'received';
  readonly identified: Identified;
  readonly session: SessionIdentity;
  readonly direction: Direction;
  readonly message: Message;
  /** On a response: the request that it answers. */
  readonly request: RequestMessage | undefined;
  /** `rewritten` where humans gave it other arguments than it was sent with. */
  readonly text: 'as_sent' | 'rewritten';
  /** Of a request in which values took the place of tokens. */
  readonly restoration: Restoration | undefined;
  /** Of a message to the client: values that must not come back to it in clear. */
  readonly restored: readonly RestoredValue[];

  constructor(
    identified: Identified,
    session: SessionIdentity,
    direction: Direction,
    message: Message,
    request?: RequestMessage,
    text: 'as_sent' | 'rewritten' = 'as_sent',
    restored: Restoration | readonly RestoredValue[] = [],
  ) {
    this.identified = identified;
    this.session = session;
    this.direction = direction;
    this.message = message;
    this.request = request;
    this.text = text;
    this.restoration = 'sent' in restored ? restored : undefined;
    this.restored = 'sent' in restored ? [] : restored;
  }

  get step(): string {
    return this.#step;
  }
}

/** Policy decided on one message. */
export class Judged {
  readonly #step = 'judged';
  readonly received: Received;
  readonly decisionId: string;
  readonly decision: Decision;
  readonly revision: Revision;
  /** What the detectors had found in the message when it was judged. */
  readonly findings: readonly Finding[];
  readonly evaluationMicroseconds: number;
  /** What is kept of what policy was shown; undefined where nothing is. */
  readonly input: RecordedInput | undefined;

  constructor(
    received: Received,
    decisionId: string,
    verdict: {
      readonly decision: Decision;
      readonly revision: Revision;
      readonly findings: readonly Finding[];
      readonly evaluationMicroseconds: number;
      readonly input?: RecordedInput;
    },
  ) {
    this.received = received;
    this.decisionId = decisionId;
    this.decision = verdict.decision;
    this.revision = verdict.revision;
    this.findings = verdict.findings;
    this.evaluationMicroseconds = verdict.evaluationMicroseconds;
    this.input = verdict.input;
  }

  get step(): string {
    return this.#step;
  }
}

/** A value that a mask replaced by a token. */
export interface TokenizedValue {
  readonly token: string;
  readonly kind: JsonKind;
  /** A string's own text; of any other kind JSON. */
  readonly text: string;
  /** Of the mask. */
  readonly path: string;
  readonly detector?: string;
  /** For how long the token can be turned back. */
  readonly ttlSeconds: number;
}

/** Values that tokens stand for are on disk. */
export class VaultReceipt {
  readonly #step = 'vault_receipt';
  readonly tokens: ReadonlySet<string>;

  constructor(tokens: ReadonlySet<string>) {
    this.tokens = tokens;
  }

  get step(): string {
    return this.#step;
  }
}

/** How a tool's masked result stands to the tool's `outputSchema`, where masks had broken it or it cannot be told. */
export type OutputSchemaState = 'fitted' | 'broken' | 'unchecked';

/** A document with every mask of one decision carried out. Made by `masking` only. */
export class Obliged {
  readonly #step = 'obliged';
  readonly document: JsonDocument;
  readonly decision: Decision;
  /** The document's own bytes where nothing was masked. */
  readonly bytes: Buffer;
  /** How many values each mask replaced, in the decision's order. */
  readonly masked: readonly { readonly path: string; readonly count: number }[];
  /** What its tokens stand for that are in no vault yet: it may not move before. */
  readonly tokenized: readonly TokenizedValue[];
  readonly outputSchema: OutputSchemaState | undefined;

  constructor(
    document: JsonDocument,
    decision: Decision,
    bytes: Buffer,
    masked: readonly { readonly path: string; readonly count: number }[],
    beside: {
      readonly tokenized?: readonly TokenizedValue[];
      readonly outputSchema?: OutputSchemaState | undefined;
    } = {},
  ) {
    this.document = document;
    this.decision = decision;
    this.bytes = bytes;
    this.masked = masked;
    this.tokenized = beside.tokenized ?? [];
    this.outputSchema = beside.outputSchema;
  }

  /** The same, with nothing left to keep. */
  kept({ tokens }: VaultReceipt): Obliged {
    if (!this.tokenized.every(({ token }) => tokens.has(token)))
      throw new CorridorError('the vault keeps other tokens than the message shows');
    const { document, decision, bytes, masked, outputSchema } = this;
    return new Obliged(document, decision, bytes, masked, { outputSchema });
  }

  get step(): string {
    return this.#step;
  }
}

/** A step was asked for what the step before does not allow: a fault in the gateway, and the message stays. */
export class CorridorError extends RegateError<'corridor_broken'> {
  constructor(message: string) {
    super('corridor_broken', message, 'This is a fault in Regate: report it with the log around it.');
  }
}

/** A decision that let a message pass, as an upstream may be told of it. */
export interface PermittedBy {
  readonly decisionId: string;
  readonly revision: Revision;
}

/** Bytes that may go to an upstream. */
export class Permit {
  readonly #step = 'permit';
  readonly identified: Identified;
  readonly session: SessionIdentity;
  /** The HTTP method of the request to the upstream. */
  readonly method: Arrival['method'];
  /** The HTTP request's body; undefined where there is none (GET opens a stream, DELETE ends a session). */
  readonly body: Buffer | undefined;
  /** Where the body is a batch: the bodies of its members, in order, for a road that sends one message at a time. */
  readonly members: readonly Buffer[] | undefined;
  /** Whether the body is another than was received, so that headers that repeat parts of it may not go along. */
  readonly masked: boolean;
  /** One for each message of the body, in order; none where there is no message, or it is an error of the gateway's own. */
  readonly decisions: readonly PermittedBy[];

  private constructor(
    identified: Identified,
    session: SessionIdentity,
    method: Arrival['method'],
    body: Buffer | undefined,
    masked = false,
    decisions: readonly PermittedBy[] = [],
    members?: readonly Buffer[],
  ) {
    this.identified = identified;
    this.session = session;
    this.method = method;
    this.body = body;
    this.masked = masked;
    this.decisions = decisions;
    this.members = members;
  }

  get step(): string {
    return this.#step;
  }

  /** For a message that was judged `allow`, masked as its decision demands, and recorded. */
  static forMessage(judged: Judged, obliged: Obliged, _receipt: AuditReceipt): Permit {
    mustPass(judged, obliged, 'to_server');
    const { identified, session } = judged.received;
    const { text, restoration } = judged.received;
    const isAnother = text === 'rewritten' || restoration !== undefined;
    const masked = isAnother || obliged.bytes !== obliged.document.bytes;
    return new Permit(identified, session, 'POST', obliged.bytes, masked, [judged]);
  }

  /** For the members of one batch, each of which has a permit of its own: a JSON array of their bodies, in order. */
  static forBatch(permits: readonly Permit[]): Permit {
    const [first] = permits;
    if (first === undefined) throw new CorridorError('a batch of nothing may not pass');
    const { identified, session } = first;
    const bodies = permits.map((permit) => {
      if (permit.identified !== identified || permit.session !== session)
        throw new CorridorError('a batch holds permits of different exchanges');
      if (permit.body === undefined || permit.members !== undefined)
        throw new CorridorError('a batch holds a permit that carries not one message');
      return permit.body;
    });
    const masked = permits.some((permit) => permit.masked);
    const decisions = permits.flatMap((permit) => permit.decisions);
    return new Permit(identified, session, 'POST', jsonArrayOf(bodies), masked, decisions, bodies);
  }

  /** For a GET or DELETE on a session that is this principal's own, which carry no message. */
  static forSession(identified: Identified, session: SessionIdentity, _receipt: AuditReceipt): Permit {
    const { method } = identified.arrival;
    if (method === 'POST') throw new CorridorError('a POST carries a message to judge');
    return new Permit(identified, session, method, undefined);
  }

  /** For an error that the gateway itself words, in answer to an upstream's request that may not reach the caller. */
  static forRefusal(
    identified: Identified,
    session: SessionIdentity,
    error: Buffer,
    _receipt: AuditReceipt,
  ): Permit {
    return new Permit(identified, session, 'POST', error);
  }
}

/** What an upstream answered, unread. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it arrives; errors when the upstream breaks off. Leaving the loop ends the upstream's request. */
  readonly body: AsyncIterable<Buffer>;
}

/** Bytes that may go to the client: one JSON text. */
export class Cleared {
  readonly #step = 'cleared';
  readonly bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get step(): string {
    return this.#step;
  }

  /** For a message that was judged `allow`, masked as its decision demands, and recorded. */
  static message(judged: Judged, obliged: Obliged, _receipt: AuditReceipt): Cleared {
    mustPass(judged, obliged, 'to_client');
    return new Cleared(obliged.bytes);
  }

  /** For what the gateway itself says in place of an answer or beside it, once the reason is recorded. */
  static refusal(error: Buffer, _receipt: AuditReceipt): Cleared {
    return new Cleared(error);
  }
}

function mustPass(judged: Judged, obliged: Obliged, direction: Direction): void {
  const { decision, received } = judged;
  if (decision.effect !== 'allow')
    throw new CorridorError(`a message judged ${decision.effect} may not pass`);
  if (received.direction !== direction)
    throw new CorridorError(`judged ${received.direction}, moved ${direction}`);
  if (obliged.decision !== decision || obliged.document !== received.message.document) {
    throw new CorridorError('the masks were carried out for another message or decision');
  }
  if (obliged.tokenized.length > 0) throw new CorridorError('its tokens are in no vault yet');
}
