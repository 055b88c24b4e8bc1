/** Clients that poll tasks of the gateway's own, and a server that has none. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Harness } from './harness.js';
import { STATELESS } from './waiter.js';

export const V2025 = '2025-11-25';
const CAPABILITIES = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const META = {
  'io.modelcontextprotocol/protocolVersion': STATELESS,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
};
const WAIT = { wait: { styles: ['task'], hold_seconds: 1 } };
export const CONTENT = [{ type: 'text', text: 'done' }];
let calls = 0;

export interface Task {
  taskId: string;
  status: string;
  statusMessage?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
  [member: string]: unknown;
}

/** A client of one version, as one principal. */
export class Poller {
  readonly #version: string;
  readonly #at: Harness;
  readonly #sub: string;

  constructor(version: string, at: Harness, sub = 'job') {
    this.#version = version;
    this.#at = at;
    this.#sub = sub;
  }

  get #isStateless(): boolean {
    return this.#version === STATELESS;
  }

  async post(
    method: string,
    params: Record<string, unknown>,
    capabilities: object = CAPABILITIES,
  ): Promise<Response> {
    const meta = { ...META, 'io.modelcontextprotocol/clientCapabilities': capabilities };
    const name = params['taskId'] ?? params['name'];
    return this.#at.post(
      { jsonrpc: '2.0', id: 7, method, params: this.#isStateless ? { _meta: meta, ...params } : params },
      {
        Authorization: `Bearer ${await this.#at.token({ sub: this.#sub })}`,
        'MCP-Protocol-Version': this.#version,
        ...(this.#isStateless && { 'Mcp-Method': method }),
        ...(this.#isStateless && typeof name === 'string' && { 'Mcp-Name': name }),
      },
    );
  }

  /** Calls the held tool as a task; each call is another. */
  async begin(args: object = {}, params: object = {}): Promise<Task> {
    calls += 1;
    const asks = this.#isStateless ? {} : { task: { ttl: 60_000 } };
    const { result } = (await (
      await this.post('tools/call', {
        name: 'held',
        arguments: { ...WAIT, nth: calls, ...args },
        ...asks,
        ...params,
      })
    ).json()) as { result: Record<string, unknown> };
    return (this.#isStateless ? result : result['task']) as Task;
  }

  async get(taskId: string): Promise<Task> {
    const { result } = (await (await this.post('tasks/get', { taskId })).json()) as { result: Task };
    return result;
  }

  /** How a task ended; what came of it is part of it in 2026-07-28, and fetched in 2025-11-25. */
  async ended(taskId: string): Promise<Task> {
    for (;;) {
      const task = await this.get(taskId);
      if (task.status === 'working') {
        await delay(5);
        continue;
      }
      if (this.#isStateless || task.status === 'cancelled') return task;
      const text = await (await this.post('tasks/result', { taskId })).text();
      const answer = JSON.parse(text) as Pick<Task, 'result' | 'error'>;
      return { ...task, ...answer };
    }
  }
}

/** The server does what it is asked, and says how often and with what. */
export function serve(harness: Harness, content: unknown = CONTENT): Record<string, unknown>[] {
  const seen: Record<string, unknown>[] = [];
  harness.script((response, { body }) => {
    const { id, params } = JSON.parse(body) as { id: unknown; params: Record<string, unknown> };
    seen.push(params);
    response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', content } }));
  });
  return seen;
}
