import { fileURLToPath } from 'node:url';
import {
  type Answer,
  AuditReceipt,
  Identified,
  Permit,
  type Principal,
  type StrayEvent,
} from '../../src/domain/index.js';
import { createStdioUpstream, type StdioUpstreamOptions, type Upstream } from '../../src/upstream/index.js';

/** What an upstream answered, read to its end. */
export interface Read {
  readonly status: number;
  readonly type: string | undefined;
  readonly session: string | undefined;
  readonly body: string;
  /** The messages of a JSON body or of a stream of events. */
  readonly messages: readonly Message[];
}

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly content: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

export const SCRIPTED = fileURLToPath(new URL('./servers/scripted.mjs', import.meta.url));

/** A road to the scripted server, and what it logged. */
export function scriptedUpstream(
  options: Partial<StdioUpstreamOptions> = {},
  ...args: string[]
): { road: Upstream; log: string[]; strays: StrayEvent[] } {
  const log: string[] = [];
  const strays: StrayEvent[] = [];
  const write = (message: string, details: object) => log.push(`${message} ${JSON.stringify(details)}`);
  const road = createStdioUpstream({
    name: 'scripted',
    command: process.execPath,
    args: [SCRIPTED, ...args],
    env: {},
    cwd: '/',
    sharing: 'per_session',
    timeoutMilliseconds: 20_000,
    idleMilliseconds: 60_000,
    maxSessions: 20,
    messageBytes: 1 << 20,
    recordStray: async (event) => strays.push(event),
    log: { debug: write, info: write, warn: write },
    ...options,
  });
  return { road, log, strays };
}

/** Speaks to a road as the pipeline does, for one principal and one session. */
export class Caller {
  readonly road: Upstream;
  readonly #principal: string;
  readonly #version: string;
  session: string | undefined;

  constructor(road: Upstream, principal = 'issuer|job', session?: string, version = '2025-06-18') {
    this.road = road;
    this.#principal = principal;
    this.#version = version;
    this.session = session;
  }

  /** Opens a session of its own. */
  static async open(road: Upstream, principal?: string): Promise<Caller> {
    const caller = new Caller(road, principal);
    const { status, session, body } = await caller.post(initialize(0));
    if (status !== 200 || session === undefined) throw new Error(`not opened: ${status} ${body}`);
    caller.session = session;
    await caller.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return caller;
  }

  /** Sends a message and reads the whole answer. */
  async post(message: object | string, signal: AbortSignal = new AbortController().signal): Promise<Read> {
    return read(await this.begin(message, signal));
  }

  /** Sends a message, or an array of them as a batch, and resolves when the answer begins. */
  begin(message: object | string, signal: AbortSignal = new AbortController().signal): Promise<Answer> {
    const [identified, session] = [this.#identified('POST'), this.#identity()];
    const permitFor = (one: unknown) => {
      const body = Buffer.from(typeof one === 'string' ? one : JSON.stringify(one));
      return Permit.forRefusal(identified, session, body, new AuditReceipt(1));
    };
    const permit = Array.isArray(message) ? Permit.forBatch(message.map(permitFor)) : permitFor(message);
    return this.road.forward(permit, signal);
  }

  /** Calls a tool; the text that it answers. */
  async call(name: string, args: object = {}, id: unknown = 1): Promise<string> {
    const { messages, body } = await this.post(toolCall(name, args, id));
    const text = messages.at(-1)?.result?.content[0]?.text;
    if (text === undefined) throw new Error(`no text: ${body}`);
    return text;
  }

  send(method: 'GET' | 'DELETE', signal: AbortSignal = new AbortController().signal): Promise<Answer> {
    const permit = Permit.forSession(this.#identified(method), this.#identity(), new AuditReceipt(1));
    return this.road.forward(permit, signal);
  }

  #identity() {
    return { id: this.session, protocol_version: this.#version, client: { name: 'c', version: '1' } };
  }

  #identified(method: 'POST' | 'GET' | 'DELETE'): Identified {
    const arrival = {
      exchangeId: 'e',
      upstream: { name: this.road.name, labels: {} },
      method,
      headers: {},
    };
    return new Identified(arrival, { id: this.#principal } as Principal);
  }
}

export function initialize(id: unknown): object {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  return { jsonrpc: '2.0', id, method: 'initialize', params };
}

export function toolCall(name: string, args: object = {}, id: unknown = 1, progressToken?: unknown): object {
  const meta = progressToken === undefined ? {} : { _meta: { progressToken } };
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, ...meta } };
}

/** Reads an answer to its end. */
export async function read(answer: Answer): Promise<Read> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const type = answer.headers['content-type'];
  return {
    status: answer.status,
    type: typeof type === 'string' ? type : undefined,
    session: answer.headers['mcp-session-id'] as string | undefined,
    body,
    messages: type === 'text/event-stream' ? messagesOf(body) : body === '' ? [] : [JSON.parse(body)].flat(),
  };
}

/** The messages of a stream of events. */
export function messagesOf(body: string): Message[] {
  return body
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) =>
      JSON.parse(
        event
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice(6))
          .join('\n'),
      ),
    );
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Whether a process is there. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
