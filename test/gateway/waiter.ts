/** Callers that wait for approvals, and the humans that decide on them. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Principal } from '../../src/domain/index.js';
import { ApprovalsPage, type PageSessionStore } from '../../src/gateway/index.js';
import type { SignIn } from '../../src/identity/index.js';
import { SseReader } from '../../src/protocol/index.js';
import type { Harness } from './harness.js';

/**
 * Calls of the tool `held` need an approval; how their callers wait, and for how long, the calls say themselves. An argument
 * `secret` is masked. `STRICT` wants two humans, `CLOSED` none at all.
 */
export const WAITING = policy(1);
export const STRICT = policy(2);
export const CLOSED = `package regate.main

decision := {"effect": "deny", "reasons": [{"policy": "test", "code": "closed", "message": "not today"}], "mask": [], "labels": []}
`;

function policy(quorum: number): string {
  return `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "deny", "reasons": [{"policy": "test", "code": "refused", "message": "the test says no"}], "mask": [], "labels": []} if {
	refused
}

decision := {"effect": "require_approval", "reasons": [{"policy": "test", "code": "held", "message": "a human must look"}], "approval": approval, "mask": [{"path": "/params/arguments/secret", "with": "redact"}], "labels": []} if {
	input.message.params.name == "held"
	not input.approval
	not refused
}

approval := object.union({"all_of": [{"groups": ["approvers"], "quorum": ${quorum}}], "ttl_seconds": object.get(input.message.params.arguments, "ttl", 60)}, wait)

default wait := {}

wait := {"wait": input.message.params.arguments.wait}

refused if input.message.params.arguments.amount == 666

refused if input.message.result.content[_].text == "refused"
`;
}

const NO_SIGN_IN: SignIn = {
  start: () => undefined,
  close: () => undefined,
  begin: () => Promise.reject(new Error('nobody signs in here')),
  finish: () => Promise.reject(new Error('nobody signs in here')),
};

const NOBODY: PageSessionStore = {
  begin: () => Promise.reject(new Error('nobody signs in here')),
  find: async () => undefined,
  end: async () => undefined,
};

/** A gateway that has pages for approvers, which nobody opens here. */
export function page(): ApprovalsPage {
  return new ApprovalsPage({
    signIn: NO_SIGN_IN,
    publicUrl: 'http://gateway.test',
    sessionMilliseconds: 60_000,
    store: NOBODY,
    secret: Buffer.alloc(32, 1),
  });
}

/** A human who may vote. */
export function approver(name = 'alice'): Principal {
  return {
    id: `people|${name}`,
    issuer: 'people',
    subject: name,
    client_id: 'page',
    kind: 'oidc',
    groups: ['approvers'],
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
  };
}

/** The approvals that are pending, once there are as many. */
export async function pending(harness: Harness, count = 1): Promise<string[]> {
  for (;;) {
    const ids = (await harness.approvals.list({ state: 'pending', limit: 200 })).map(({ id }) => id);
    if (ids.length >= count) return ids;
    await immediate();
  }
}

/** Waits for the one pending approval and has a human decide on it. */
export async function decide(
  harness: Harness,
  verdict: 'approve' | 'deny' = 'approve',
  narrowed?: string,
): Promise<string> {
  const [id] = await pending(harness);
  if (id === undefined) throw new Error('nothing is pending');
  await harness.approvals.vote(id, approver(), { verdict, ...(narrowed !== undefined && { narrowed }) });
  return id;
}

/** One thing on a stream: a message, or a comment. */
export type Heard = { readonly comment: true } | Record<string, unknown>;

/** What a caller hears on a stream, as it comes. */
export class Hearing {
  readonly heard: Heard[] = [];
  /** Resolves to all of it when the stream ends. */
  readonly all: Promise<Heard[]>;

  constructor(response: Response) {
    if (response.headers.get('content-type') !== 'text/event-stream')
      throw new Error(`no stream: ${response.status} ${response.headers.get('content-type')}`);
    this.all = this.#listen(response);
    this.all.catch(() => undefined); // whoever waits for it sees why
  }

  get messages(): Record<string, unknown>[] {
    return this.heard.filter((one): one is Record<string, unknown> => !('comment' in one));
  }

  async #listen(response: Response): Promise<Heard[]> {
    const reader = new SseReader({ eventBytes: 1 << 20 });
    for await (const chunk of response.body ?? []) {
      for (const { data } of reader.push(Buffer.from(chunk)))
        this.heard.push(data === undefined ? { comment: true } : JSON.parse(data.toString()));
    }
    return this.heard;
  }
}

/** The last message of a stream that has ended. */
export async function lastOf(response: Response): Promise<Record<string, unknown>> {
  const hearing = new Hearing(response);
  await hearing.all;
  const last = hearing.messages.at(-1);
  if (last === undefined) throw new Error('the stream ended with nothing said');
  return last;
}

export const STATELESS = '2026-07-28';

/** A call of the held tool. `capabilities` of the client go with a call of 2026-07-28. */
export function held(
  args: object,
  more: { id?: number; meta?: object; params?: object; capabilities?: object } = {},
): object {
  const { id = 1, meta, params, capabilities } = more;
  const stateless = capabilities !== undefined && {
    'io.modelcontextprotocol/protocolVersion': STATELESS,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const _meta = { ...stateless, ...meta };
  const named = { name: 'held', arguments: args, ...params };
  return {
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: Object.keys(_meta).length === 0 ? named : { ...named, _meta },
  };
}

/** Headers that a call of the held tool has in 2026-07-28. */
export const STATELESS_HEADERS = {
  'MCP-Protocol-Version': STATELESS,
  'Mcp-Method': 'tools/call',
  'Mcp-Name': 'held',
};
