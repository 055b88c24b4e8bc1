/**
 * Lets many sessions share one server. The server believes that it has one client, so everything that must not be
 * mixed up carries the number of its session on the server's side: ids and progress tokens.
 *
 * What the server says is passed on only where it is certain for whom: answers, progress, that one of its lists
 * changed, which is for all, and what `concerns.ts` knows. The rest is a stray: recorded, and its requests are answered
 * here, since no session may be asked in another's name.
 */
import { Starts } from './back-off.js';
import { Concerns } from './concerns.js';
import type { Connect, Connection, Receiver, UpstreamLog } from './connection.js';
import { unlessAborted } from './deadline.js';
import {
  type Envelope,
  isRequest,
  literalAt,
  type Mark,
  type Request,
  readEnvelope,
  splice,
  stringAt,
} from './envelope.js';
import { answeredNonsense, serverGone, sessionEnded, type UpstreamError } from './errors.js';
import { outward, renamedAt, serverId } from './renaming.js';
import { type RecordStray, type Refusal, refusalOf, StrayRecorder, strayEvent } from './stray.js';

/** A number that no lane has. */
const NOBODY = 0;
const FOR_ALL: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);
/** More requests than this handed to sessions and unanswered, and the server's others are refused. */
const MOST_HANDED = 1_000;

export interface SharedOptions {
  readonly name: string;
  readonly log: UpstreamLog;
  /** Told of each message that concerns no session for certain. */
  readonly recordStray: RecordStray;
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

/** A request of the server's that a session has and has not answered. */
interface Handed {
  readonly lane: number;
  /** Key of its progress token. */
  readonly token: string | undefined;
  readonly refusal: Refusal;
}

/** The server while it runs, and what is known of it. */
interface Running {
  readonly connection: Promise<Connection>;
  readonly lanes: Map<number, Lane>;
  readonly concerns: Concerns;
  /** By the key of the id. */
  readonly handed: Map<string, Handed>;
  readonly strays: StrayRecorder;
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
  readonly #starts = new Starts();
  #lanes = 0;

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
    running.concerns.joined(lane.number);
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
      concerns: new Concerns(),
      handed: new Map(),
      strays: new StrayRecorder(this.#options.recordStray, (isFull) =>
        this.#quietly(running, async (connection) => (isFull ? connection.pause() : connection.resume())),
      ),
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
    await this.#starts.next(signal);
    return this.#start(receiver, signal);
  }

  #lost(running: Running, why: UpstreamError): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#starts.failed();
    this.#options.log.warn('a shared server is gone', { upstream: this.#options.name, detail: why.message });
    for (const { receiver } of running.lanes.values()) receiver.lost(why);
  }

  #laneOf(running: Running, connection: Connection, lane: Lane): Connection {
    const leave = async (why: UpstreamError) => {
      if (!running.lanes.delete(lane.number)) return;
      running.awaiting.delete(lane.number);
      lane.receiver.lost(why);
      for (const [key, handed] of running.handed) {
        if (handed.lane !== lane.number) continue;
        running.handed.delete(key);
        this.#decline(running, handed.refusal);
      }
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
    if (envelope === undefined) return;
    if (envelope.method === undefined) {
      if (envelope.id !== undefined && this.#takes(running, lane, envelope.id.key))
        await connection.send(text, signal);
    } else if (isRequest(envelope)) {
      if (envelope.method !== 'initialize' || this.#mayGreet(running, lane, text, envelope.id)) {
        running.concerns.called(lane.number, serverId(lane.number, literalAt(text, envelope.id)), envelope);
        await connection.send(outward(text, envelope, lane.number), signal);
      }
    } else if (envelope.method === 'notifications/cancelled') {
      await connection.send(outward(text, envelope, lane.number), signal);
    } else if (envelope.method === 'notifications/initialized' && !running.initialized) {
      running.initialized = true;
      await connection.send(text, signal);
    } else if (envelope.method === 'notifications/progress' && this.#reports(running, lane, envelope)) {
      await connection.send(text, signal);
    }
  }

  /** Whether a lane may answer a request of the server's: one that it was handed, and once. */
  #takes(running: Running, lane: Lane, id: string): boolean {
    return running.handed.get(id)?.lane === lane.number && running.handed.delete(id);
  }

  /** Whether a lane tells of progress with what it was asked. */
  #reports(running: Running, lane: Lane, { progressToken }: Envelope): boolean {
    if (progressToken === undefined) return false;
    const asked = [...running.handed.values()].filter((handed) => handed.lane === lane.number);
    return asked.some(({ token }) => token === progressToken.key);
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
    else if (isRequest(envelope)) this.#hand(running, envelope, text);
    else this.#notify(running, envelope, text);
  }

  #answer(running: Running, envelope: Envelope, text: Buffer): void {
    const { id, hasResult } = envelope;
    const owner = id && renamedAt(text, id);
    if (id === undefined || owner === undefined) {
      this.#drop(running, envelope, text);
      return;
    }
    running.concerns.answered(stringAt(text, id) ?? '');
    const own = splice(text, [[id, owner.literal]]);
    const lane = running.lanes.get(owner.lane);
    if (owner.lane === running.greeter && running.greeting === undefined)
      this.#greeted(running, hasResult, own);
    if (lane === undefined) this.#drop(running, envelope, text);
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

  /** Takes a request of the server's to the session that it concerns. */
  #hand(running: Running, envelope: Request, text: Buffer): void {
    const lane = running.lanes.get(running.concerns.sessionOf(envelope) ?? NOBODY);
    const mayWait = running.handed.size < MOST_HANDED && !running.handed.has(envelope.id.key);
    const refusal = refusalOf(this.#options.name, text, envelope);
    if (lane === undefined || !mayWait) {
      this.#decline(running, refusal);
      return;
    }
    running.handed.set(envelope.id.key, { lane: lane.number, token: envelope.progressToken?.key, refusal });
    lane.receiver.receive(text);
  }

  /** Answers a request of the server's in place of a session, once that is recorded. */
  #decline(running: Running, { event, answer }: Refusal): void {
    this.#quietly(running, async (connection) => {
      await running.strays.record(event);
      await connection.send(answer, this.#stopped.signal);
    });
  }

  #notify(running: Running, envelope: Envelope, text: Buffer): void {
    const { method = '', progressToken: token, cancels } = envelope;
    if (FOR_ALL.has(method)) {
      for (const { receiver } of [...running.lanes.values()]) receiver.receive(text);
      return;
    }
    const owner =
      method === 'notifications/progress' && token !== undefined ? renamedAt(text, token) : undefined;
    const cancelled = cancels && running.handed.get(cancels.key);
    if (cancels !== undefined) running.handed.delete(cancels.key);
    const number = owner?.lane ?? cancelled?.lane ?? running.concerns.sessionOf(envelope);
    const lane = running.lanes.get(number ?? NOBODY);
    if (lane === undefined) this.#drop(running, envelope, text);
    else if (owner === undefined || token === undefined) lane.receiver.receive(text);
    else lane.receiver.receive(splice(text, [[token, owner.literal]]));
  }

  #drop(running: Running, envelope: Envelope, text: Buffer): void {
    const event = strayEvent(this.#options.name, text, envelope, 'dropped');
    this.#quietly(running, () => running.strays.record(event));
  }

  /** Does what no caller waits for; that it failed is worth a line. */
  #quietly(running: Running, act: (connection: Connection) => Promise<void>): void {
    const { name, log } = this.#options;
    running.connection.then(act).catch((why: Error) =>
      log.warn('a shared server was not reached, or its message not recorded', {
        upstream: name,
        detail: why.message,
      }),
    );
  }
}
