import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type CallToolResult, CallToolResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { DemoAddresses } from '../running.js';
import { type DemoState, readState } from '../state.js';
import { expect, TourError } from './expect.js';

const CLI = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

export type Identity = 'support-agent' | 'platform-oncall';

/** What the gateway answered a call: the upstream's result, or an error with its code and data. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: CallToolResult; readonly decisionId: string }
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly message: string;
      readonly data: Record<string, unknown>;
      readonly decisionId: string;
    };

/** A running product, and someone who looks at it: tokens, clients, the command line, and what was seen so far. */
export class Visit {
  readonly demo: DemoAddresses;
  /** Its keys, for what only the demo's owner can do: call a server past the gateway, sign a bundle. */
  readonly state: DemoState;
  /** Every decision id that a client was shown; the last step looks them all up in the audit. */
  readonly decisionIds = new Set<string>();
  readonly #clients = new Map<string, Promise<Client>>();
  #lastDecisionId = '';

  constructor(demo: DemoAddresses, state: DemoState) {
    this.demo = demo;
    this.state = state;
  }

  /** A fresh access token from the OIDC provider (client credentials grant). */
  async token(identity: Identity, wish: { resource?: string; scope?: string } = {}): Promise<string> {
    const credentials = JSON.parse(await readFile(this.demo.credentials[identity], 'utf8')) as Record<
      string,
      string
    >;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      resource: wish.resource ?? credentials['resource'] ?? '',
    });
    if (wish.scope !== undefined) form.set('scope', wish.scope);
    const basic = Buffer.from(`${credentials['client_id']}:${credentials['client_secret']}`).toString(
      'base64',
    );
    const response = await fetch(credentials['token_endpoint'] ?? '', {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}` },
      body: form,
    });
    const { access_token } = (await response.json()) as { access_token?: string };
    expect(access_token !== undefined, `the OIDC provider gave ${identity} no token (${response.status})`);
    return access_token;
  }

  /** The official SDK's client, connected to an upstream through the gateway; kept for the whole tour. */
  client(identity: Identity, upstream: string): Promise<Client> {
    const key = `${identity} ${upstream}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const connecting = this.#connect(identity, upstream);
    this.#clients.set(key, connecting);
    return connecting;
  }

  /** Calls a tool as an SDK client does, and takes down the decision id that came with the answer. */
  async call(
    identity: Identity,
    upstream: string,
    name: string,
    args: Record<string, unknown>,
    meta?: Record<string, unknown>,
  ): Promise<Outcome> {
    const client = await this.client(identity, upstream);
    try {
      const params = { name, arguments: args, ...(meta !== undefined && { _meta: meta }) };
      const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema);
      return { kind: 'result', result, decisionId: this.#lastDecisionId };
    } catch (thrown) {
      if (!(thrown instanceof McpError)) throw thrown;
      const data = (thrown.data ?? {}) as Record<string, unknown>;
      const decisionId = String(data['decision_id']);
      this.decisionIds.add(decisionId);
      return { kind: 'error', code: thrown.code, message: thrown.message, data, decisionId };
    }
  }

  /** Calls a tool that policy must let through. */
  async mustPass(
    identity: Identity,
    upstream: string,
    name: string,
    args: Record<string, unknown>,
    meta?: Record<string, unknown>,
  ): Promise<CallToolResult> {
    const outcome = await this.call(identity, upstream, name, args, meta);
    if (outcome.kind === 'error')
      throw new TourError(`${name} should have passed: ${outcome.code} ${outcome.message}`);
    return outcome.result;
  }

  /** Calls a tool that must be refused with a code. */
  async mustFail(
    code: number,
    identity: Identity,
    upstream: string,
    name: string,
    args: Record<string, unknown>,
    meta?: Record<string, unknown>,
  ) {
    const outcome = await this.call(identity, upstream, name, args, meta);
    if (outcome.kind === 'result')
      throw new TourError(`${name} should have been refused with ${code}, and passed`);
    expect(
      outcome.code === code,
      `${name} should have been refused with ${code}: ${outcome.code} ${outcome.message}`,
    );
    return outcome;
  }

  /** Sends one raw HTTP request to the gateway's MCP endpoint of an upstream. */
  async post(
    upstream: string,
    token: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.demo.gateway}/mcp/${upstream}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    });
    this.#take(response);
    return response;
  }

  /** Runs `regate …` and gives its standard output and exit code. */
  regate(...args: readonly string[]): Promise<{ stdout: string; stderr: string; status: number }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [CLI, ...args], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
        resolve({
          stdout,
          stderr,
          status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
        });
      });
    });
  }

  async leave(): Promise<void> {
    for (const client of this.#clients.values()) await (await client).close();
    this.#clients.clear();
  }

  async #connect(identity: Identity, upstream: string): Promise<Client> {
    const client = new Client({ name: 'regate-tour', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(`${this.demo.gateway}/mcp/${upstream}`), {
      fetch: async (url, init) => {
        const headers = new Headers(init?.headers);
        headers.set('Authorization', `Bearer ${await this.token(identity)}`);
        const response = await fetch(url, { ...init, headers });
        this.#take(response);
        return response;
      },
    });
    // The SDK's own types disagree about `undefined` under exactOptionalPropertyTypes.
    await client.connect(transport as Transport);
    return client;
  }

  #take(response: Response): void {
    const id = response.headers.get('Regate-Decision-Id');
    if (id === null) return;
    this.#lastDecisionId = id;
    this.decisionIds.add(id);
  }
}

/** A visit to a running demo. */
export async function tourOf(demo: DemoAddresses): Promise<Visit> {
  return new Visit(demo, await readState(demo.state_directory));
}
