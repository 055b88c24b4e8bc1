import type {
  Direction,
  FactSource,
  Facts,
  Finding,
  JsonDocument,
  JsonObject,
  Message,
  Principal,
  RequestMessage,
  RestoredPlace,
  ServerParts,
  SessionIdentity,
  ToolParts,
  UpstreamIdentity,
} from '../domain/index.js';
import { prunedInput } from './input/pruned.js';
import { compileReads } from './input/reads.js';

export { prunedInput, questionOf } from './input/pruned.js';
export { compileReads, type ReadTree } from './input/reads.js';

/** A tool as its upstream last advertised it; `digest` is `sha256:` and hex over the definition as it was sent. */
export interface AdvertisedTool {
  readonly name: string;
  readonly annotations: JsonObject;
  readonly digest: string;
  readonly parts: ToolParts;
  /** Codes, sorted. */
  readonly suspicions: readonly string[];
}

/** What is known of an entry of a list of tools that passes. */
export type ListedTool = Pick<AdvertisedTool, 'parts' | 'suspicions'>;

/** What is known of what a server says of itself, in its answer to `initialize` or `server/discover`. */
export interface AdvertisedServer {
  readonly parts: ServerParts;
  /** Codes, sorted. */
  readonly suspicions: readonly string[];
}

/** The grant that a call comes back with. */
export interface UsedApproval {
  readonly id: string;
  /** Principal ids of those who agreed. */
  readonly approvers: readonly string[];
  readonly state: 'approved';
}

/** One message and all that is known around it, for one decision. */
export interface PolicyInput {
  readonly direction: Direction;
  readonly kind: Message['kind'];
  readonly upstream: UpstreamIdentity;
  readonly principal: Principal;
  readonly session: SessionIdentity;
  /** The whole JSON-RPC message. */
  readonly message: JsonDocument;
  /** On a response: the request that it answers. */
  readonly request?: RequestMessage;
  readonly tool?: AdvertisedTool;
  /** Looks at each entry of a list of tools; asked only where policy reads it. Missing on every other message. */
  readonly listed?: () => readonly ListedTool[];
  /** The same of what a server says of itself. */
  readonly server?: () => AdvertisedServer;
  readonly findings: readonly Finding[];
  /** Reads a tool call's arguments, as far as sources say what is in them; asked only where policy reads it. */
  readonly facts?: (sources: readonly FactSource[]) => Facts | undefined;
  readonly approval?: UsedApproval;
  /** On a request in which values took the place of tokens. */
  readonly restored?: readonly RestoredPlace[];
  /** The decision's instant: nanoseconds since 1970-01-01T00:00:00Z. */
  readonly nowNanoseconds: bigint;
}

const WHOLE = compileReads([[]]);

/**
 * The whole document that a policy reads as `input`: JSON in UTF-8, valid against `schemas/input.schema.json`.
 *
 * @throws PolicyError `malformed_input`
 */
export function inputBytes(input: PolicyInput, sources: readonly FactSource[] = []): Buffer {
  return prunedInput(input, WHOLE, sources);
}
