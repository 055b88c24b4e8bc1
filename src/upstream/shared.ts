/**
 * Lets many sessions share one server. The server believes that it has one client, so everything that must not be
 * mixed up carries the number of its session on the server's side: ids and progress tokens.
 *
 * What the server says is passed on only where it is certain for whom: answers, progress, and that one of its lists
 * changed, which is for all. Its requests are answered here, since no session may be asked in another's name.
 */
import { backOff, STEADY_MILLISECONDS } from './back-off.js';
import type { Connect, Connection, Receiver, UpstreamLog } from './connection.js';
import { unlessAborted } from './deadline.js';
import {
  type Envelope,
  literalAt,
  type Mark,
  readEnvelope,
  type Span,
  splice,
  stringAt,
} from './envelope.js';
import { answeredNonsense, serverGone, sessionEnded, type UpstreamError } from './errors.js';

const FOR_ALL: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);
const METHOD_NOT_FOUND = -32601;

export interface SharedOptions {
  readonly name: string;
  readonly log: UpstreamLog;
}

/** One server for many sessions. */
export interface SharedServer {
  /** Joins a session to the server, which is started where it does not run. */
  readonly connect: Connect;
  /** Ends the server; no session can join any more. */
  end(): Promise<void>;
}

/** One session on the server, under a number that no other ever had. */
interface Lane {
  readonly number: number;
  readonly receiver: Receiver;
}

/** The server while it runs, and what is known of it. */
interface Running {
  readonly connection: Promise<Connection>;
  readonly lanes: Map<number, Lane>;
  /** The lane whose `initialize` the server got, and its answer once it is there. */
  greeter: number | undefined;
  greeting: { readonly text: Buffer; readonly id: Mark } | undefined;
  /** Lanes that wait for the greeter's answer, with the `initialize` that each has sent. */
  readonly awaiting: Map<number, Buffer>;
  /** Whether the server got `notifications/initialized`. */
  initialized: boolean;
}

/** @param connect - starts the server */
export function shareServer(options: SharedOptions, connect: Connect): SharedServer {
  return new Shared(options, connect);
}

class Shared implements SharedServer {
  readonly #options: SharedOptions;
  readonly #start: Connect;
  readonly #stopped = new AbortController();
  /** Every server that was started and is not wholly gone. */
  readonly #remaining = new Set<Running>();
  #running: Running | undefined;
  #lanes = 0;
  #failures = 0;
  #startedAt = 0;
  #notBefore = 0;

  constructor(options: SharedOptions, start: Connect) {
    this.#options = options;
    this.#start = start;
  }

  readonly connect: Connect = async (receiver, signal) => {
    this.#running ??= this.#run();
    const running = this.#running;
    this.#lanes += 1;
    const lane = { number: this.#lanes, receiver };
    running.lanes.set(lane.number, lane);
    try {
      const connection = await unlessAborted(running.connection, signal);
      return this.#laneOf(running, connection, lane);
    } catch (thrown) {
      running.lanes.delete(lane.number);
      throw thrown;
    }
  };

  async end(): Promise<void> {
    this.#stopped.abort(serverGone(this.#options.name, 'is stopped with the gateway'));
    const connections = await Promise.allSettled([...this.#remaining].map(({ connection }) => connection));
    await Promise.all(connections.map((settled) => settled.status === 'fulfilled' && settled.value.end()));
  }

  #run(): Running {
    const running: Running = {
      connection: this.#connect({
        receive: (text) => this.#receive(running, text),
        lost: (why) => {
          this.#remaining.delete(running);
          this.#lost(running, why);
        },
      }),
      lanes: new Map(),
      greeter: undefined,
      greeting: undefined,
      awaiting: new Map(),
      initialized: false,
    };
    this.#remaining.add(running);
    running.connection.catch((why: UpstreamError) => {
      this.#remaining.delete(running);
      this.#lost(running, why);
    });
    return running;
  }

  async #connect(receiver: Receiver): Promise<Connection> {
    const { signal } = this.#stopped;
    const milliseconds = this.#notBefore - Date.now();
    if (milliseconds > 0) await unlessAborted(pause(milliseconds), signal);
    signal.throwIfAborted();
    this.#startedAt = Date.now();
    return this.#start(receiver, signal);
  }

  #lost(running: Running, why: UpstreamError): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    const steady = Date.now() - this.#startedAt >= STEADY_MILLISECONDS;
    this.#failures = steady ? 1 : this.#failures + 1;
    this.#notBefore = Date.now() + backOff(this.#failures);
    this.#options.log.warn('a shared server is gone', { upstream: this.#options.name, detail: why.message });
    for (const { receiver } of running.lanes.values()) receiver.lost(why);
  }

  #laneOf(running: Running, connection: Connection, lane: Lane): Connection {
    const leave = async (why: UpstreamError) => {
      if (!running.lanes.delete(lane.number)) return;
      running.awaiting.delete(lane.number);
      lane.receiver.lost(why);
      // Nobody can greet a server twice: one that did not answer the first time is of no use.
      if (running.greeter === lane.number && running.greeting === undefined) await connection.end();
    };
    const slow = serverGone(
      this.#options.name,
      'is shared, and was cut off from a session that reads too slowly',
    );
    return {
      send: (text, signal) => this.#send(running, connection, lane, text, signal),
      pause: () => void leave(slow),
      resume: () => undefined,
      end: () => leave(sessionEnded(this.#options.name)),
    };
  }

  async #send(
    running: Running,
    connection: Connection,
    lane: Lane,
    text: Buffer,
    signal: AbortSignal,
  ): Promise<void> {
    const envelope = readEnvelope(text);
    if (envelope?.method === undefined) return; // an answer: no session was asked anything
    if (envelope.id !== undefined) {
      if (envelope.method !== 'initialize' || this.#mayGreet(running, lane, text, envelope.id))
        await connection.send(outward(text, envelope, lane.number), signal);
    } else if (envelope.method === 'notifications/cancelled') {
      await connection.send(outward(text, envelope, lane.number), signal);
    } else if (envelope.method === 'notifications/initialized' && !running.initialized) {
      running.initialized = true;
      await connection.send(text, signal);
    }
  }

  /** Whether a lane's `initialize` goes to the server. All but one are answered from that one's answer. */
  #mayGreet(running: Running, lane: Lane, text: Buffer, id: Mark): boolean {
    if (running.greeter === undefined) {
      running.greeter = lane.number;
      return true;
    }
    if (running.greeting === undefined) running.awaiting.set(lane.number, text);
    else lane.receiver.receive(splice(running.greeting.text, [[running.greeting.id, literalAt(text, id)]]));
    return false;
  }

  #receive(running: Running, text: Buffer): void {
    if (this.#running !== running) return; // it was given up, and still speaks
    const envelope = readEnvelope(text);
    if (envelope === undefined) {
      this.#lost(running, answeredNonsense(this.#options.name, 'what is no JSON object'));
      this.#quietly(running, (connection) => connection.end());
    } else if (envelope.method === undefined) this.#answer(running, envelope, text);
    else if (envelope.id !== undefined) this.#decline(running, envelope.method, envelope.id, text);
    else this.#notify(running, envelope.method, envelope.progressToken, text);
  }

  #answer(running: Running, { id, hasResult }: Envelope, text: Buffer): void {
    const owner = id && ownerOf(text, id);
    if (id === undefined || owner === undefined) {
      this.#drop('an answer to no request');
      return;
    }
    const own = splice(text, [[id, owner.literal]]);
    const lane = running.lanes.get(owner.lane);
    if (owner.lane === running.greeter && running.greeting === undefined)
      this.#greeted(running, hasResult, own);
    if (lane === undefined) this.#drop('an answer to a session that has ended');
    else lane.receiver.receive(own);
  }

  #greeted(running: Running, hasResult: boolean, text: Buffer): void {
    const id = readEnvelope(text)?.id;
    if (hasResult && id !== undefined) running.greeting = { text, id };
    else running.greeter = undefined;
    const awaiting = [...running.awaiting];
    running.awaiting.clear();
    for (const [number, initialize] of awaiting) {
      const lane = running.lanes.get(number);
      if (lane === undefined) continue;
      this.#quietly(running, (connection) =>
        this.#send(running, connection, lane, initialize, this.#stopped.signal),
      );
    }
  }

  #decline(running: Running, method: string, id: Mark, text: Buffer): void {
    const error = { code: METHOD_NOT_FOUND, message: 'this client is shared and can be asked nothing' };
    const outcome = method === 'ping' ? '"result":{}' : `"error":${JSON.stringify(error)}`;
    const answer = Buffer.from(`{"jsonrpc":"2.0","id":${literalAt(text, id)},${outcome}}`);
    if (method !== 'ping') this.#drop(`the request ${method}`);
    this.#quietly(running, (connection) => connection.send(answer, this.#stopped.signal));
  }

  #notify(running: Running, method: string, token: Mark | undefined, text: Buffer): void {
    if (FOR_ALL.has(method)) {
      for (const { receiver } of [...running.lanes.values()]) receiver.receive(text);
      return;
    }
    const owner =
      method === 'notifications/progress' && token !== undefined ? ownerOf(text, token) : undefined;
    const lane = owner && running.lanes.get(owner.lane);
    if (owner === undefined || token === undefined || lane === undefined)
      this.#drop(`the notification ${method}`);
    else lane.receiver.receive(splice(text, [[token, owner.literal]]));
  }

  #drop(what: string): void {
    const { name, log } = this.#options;
    log.debug(`${what} of a shared server was dropped`, { upstream: name });
  }

  /** Does what no caller waits for; that it failed is worth a line. */
  #quietly(running: Running, act: (connection: Connection) => Promise<void>): void {
    const { name, log } = this.#options;
    running.connection
      .then(act)
      .catch((why: Error) =>
        log.warn('a shared server was not reached', { upstream: name, detail: why.message }),
      );
  }
}

/** A client's message as the server gets it: its id, its progress token and what it cancels carry the lane's number. */
function outward(text: Buffer, { id, progressToken, cancels }: Envelope, lane: number): Buffer {
  const marks = [id, progressToken, cancels].filter((mark) => mark !== undefined);
  return splice(
    text,
    marks.map((mark): readonly [Span, string] => [mark, JSON.stringify(`${lane}:${literalAt(text, mark)}`)]),
  );
}

/** Whose an id or token is that the server sent back, and how the client had written it. */
function ownerOf(text: Buffer, mark: Mark): { readonly lane: number; readonly literal: string } | undefined {
  const value = stringAt(text, mark) ?? '';
  const colon = value.indexOf(':');
  return colon > 0 ? { lane: Number(value.slice(0, colon)), literal: value.slice(colon + 1) } : undefined;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
