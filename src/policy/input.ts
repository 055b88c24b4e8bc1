import type {
  Direction,
  Finding,
  JsonDocument,
  JsonObject,
  Message,
  Principal,
  RequestMessage,
  SessionIdentity,
  UpstreamIdentity,
} from '../domain/index.js';
import { PolicyError } from './errors.js';
import { compileSchema, violation } from './schema.js';

/** A tool as its upstream last advertised it; `digest` is `sha256:` and hex over the definition as it was sent. */
export interface AdvertisedTool {
  readonly name: string;
  readonly annotations: JsonObject;
  readonly digest: string;
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
  readonly findings: readonly Finding[];
  readonly approval?: UsedApproval;
  /** The decision's instant: nanoseconds since 1970-01-01T00:00:00Z. */
  readonly nowNanoseconds: bigint;
}

const validate = compileSchema('input');

/**
 * The document that a policy reads as `input`: JSON in UTF-8, valid against `schemas/input.schema.json`.
 *
 * The message and its request's params are spliced in as the bytes that were sent, so policy sees every number and
 * string as it was and nothing is parsed or written again.
 *
 * @throws PolicyError `malformed_input`
 */
export function inputBytes(input: PolicyInput): Buffer {
  return Buffer.from(transferableInput(input));
}

/** The same in a buffer of its own, which can be handed to another thread without a copy. */
export function transferableInput(input: PolicyInput): ArrayBuffer {
  const { message, request, nowNanoseconds, ...known } = input;
  const rfc3339 = rfc3339Nanoseconds(nowNanoseconds);
  const checked = {
    ...known,
    time: { now_ns: Number(nowNanoseconds), rfc3339 },
    message: {},
    ...(request !== undefined && { request: { method: request.method } }),
  };
  if (message.kind(message.root) !== 'object') throw malformed('the message is no object');
  if (!validate(checked)) throw malformed(`it breaks ${violation(validate)} of the input schema`);

  const envelope = wellFormed(JSON.stringify(known));
  // A JavaScript number cannot hold nanoseconds: the literal is written from the bigint.
  const time = `"time":{"now_ns":${nowNanoseconds},"rfc3339":"${rfc3339}"}`;
  return join([
    `${envelope.slice(0, -1)},${time},"message":`,
    message.slice(message.root),
    ...(request === undefined ? [] : requestPieces(request)),
    '}',
  ]);
}

function requestPieces({ method, params, document }: RequestMessage): (string | Buffer)[] {
  const opening = `,"request":{"method":${wellFormed(JSON.stringify(method))}`;
  return params === undefined ? [opening, '}'] : [`${opening},"params":`, document.slice(params), '}'];
}

function join(pieces: readonly (string | Buffer)[]): ArrayBuffer {
  const buffers = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
  const joined = new Uint8Array(buffers.reduce((total, { byteLength }) => total + byteLength, 0));
  let offset = 0;
  for (const buffer of buffers) {
    joined.set(buffer, offset);
    offset += buffer.byteLength;
  }
  return joined.buffer;
}

/**
 * Refuses what JSON.stringify wrote of a lone surrogate: OPA reads two of them as another, valid character, so that
 * a claim could pass for one it is not. An escaped backslash before `ud` is no escape of a surrogate.
 */
function wellFormed(text: string): string {
  if (text.includes('\\ud') && text.replaceAll('\\\\', '').includes('\\ud')) {
    throw malformed('a string around the message is not well-formed Unicode');
  }
  return text;
}

const BILLION = 1_000_000_000n;
const YEAR_10000_SECONDS = 253_402_300_800n;

function rfc3339Nanoseconds(nanoseconds: bigint): string {
  const seconds = nanoseconds / BILLION;
  if (nanoseconds < 0n || seconds >= YEAR_10000_SECONDS) throw malformed('its instant is out of range');
  const upToSeconds = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${upToSeconds}.${String(nanoseconds % BILLION).padStart(9, '0')}Z`;
}

function malformed(why: string): PolicyError {
  return new PolicyError('malformed_input', `what policy should judge cannot be put to it: ${why}`);
}
