/**
 * Lets the requests of many HTTP exchanges run over one pipe (MCP 2026-07-28, transports, "stdio"). Each has a number of
 * its own in its id and its progress token, so that what the server says finds its way back to the exchange that it is
 * for. What is for none of them is a stray: recorded, and answered here where it wants an answer.
 */
import { Starts } from './back-off.js';
import type { Connect, Connection, Receiver } from './connection.js';
import { unlessAborted } from './deadline.js';
import {
  type Envelope,
  isRequest,
  type Mark,
  type Request,
  readEnvelope,
  readSubscription,
  type Span,
  splice,
  stringAt,
} from './envelope.js';
import { answeredNonsense, full, serverGone, type UpstreamError } from './errors.js';
import { FULL_BYTES } from './event-stream.js';
import type { HostingOptions } from './hosted.js';
import type { PostedRequest } from './posted.js';
import { outward, renamedAt } from './renaming.js';
import { type Begun, Reply } from './reply.js';
import { type RecordStray, refusalOf, StrayRecorder, strayEvent } from './stray.js';
import { type RequestUnderWay, requestUnderWay, UnderWay } from './under-way.js';

/** More requests than this of one principal unanswered, and no other of it is taken. */
const MOST_UNANSWERED = 1_000;
/** What a client asks first that does not know whether the server is stateless. */
export const DISCOVER = 'server/discover';

export interface MultiplexedOptions extends HostingOptions {
  /** Whether it serves one principal or all. */
  readonly sharing: 'per_session' | 'shared';
  /** Told of each message that is for no request. */
  readonly recordStray: RecordStray;
}

/** The server while it runs. */
interface Running {
  readonly connection: Promise<Connection>;
  readonly underWay: UnderWay;
  readonly strays: StrayRecorder;
  /** What nothing is read from it for: whatever is not taken as fast as it comes. */
  readonly full: Set<object>;
}

/** One server, which is started when it is needed. */
export class MultiplexedServer {
  readonly #options: MultiplexedOptions;
  readonly #start: Connect;
  readonly #onIdle: () => void;
  readonly #starts = new Starts();
  readonly #stopped = new AbortController();
  /** Every process that was started and is not wholly gone. */
  readonly #remaining = new Set<Running>();
  readonly #inUse = new Set<object>();
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lanes = 0;
  #discovered = false;
  #speaks = false;

  /** @param onIdle - told when nothing was asked of it for long */
  constructor(options: MultiplexedOptions, start: Connect, onIdle: () => void) {
    this.#options = options;
    this.#start = start;
    this.#onIdle = onIdle;
  }

  /** Whether it has ever answered with a result, so that it speaks this version. */
  get speaks(): boolean {
    return this.#speaks;
  }

  /**
   * Sends a request.
   *
   * @param until - how long the answer may take to begin
   * @param caller - aborted when nobody reads the answer any more: the request is then cancelled
   * @throws UpstreamError
   */
  async ask(
    posted: PostedRequest,
    principalId: string,
    until: AbortSignal,
    caller: AbortSignal,
  ): Promise<Begun> {
    until.throwIfAborted();
    this.#running ??= this.#run();
    const running = this.#running;
    if (running.underWay.countOf(principalId) >= MOST_UNANSWERED) {
      const has = `has ${MOST_UNANSWERED} requests of this principal unanswered`;
      throw full(this.#options.name, has, 'Wait for answers, or close streams that are not needed.');
    }
    this.#lanes += 1;
    const lane = this.#lanes;
    const isShared = this.#options.sharing === 'shared';
    const reply: Reply = new Reply(
      [posted.id.key],
      this.#options.messageBytes,
      {
        full: (isFull) => this.#press(running, request, isFull),
        done: () => {
          this.#withdraw(running, request);
          this.#leave(reply);
        },
      },
      // A slow reader of a shared server is cut off, but never for the size of one message.
      isShared ? FULL_BYTES + this.#options.messageBytes : FULL_BYTES,
    );
    const request = requestUnderWay(posted, lane, principalId, reply);
    this.#enter(reply);
    running.underWay.add(request);
    this.#discovered ||= posted.method === DISCOVER;
    const giveUp = () => reply.fail(until.reason as UpstreamError);
    until.addEventListener('abort', giveUp, { once: true });
    caller.addEventListener('abort', () => reply.abandon(), { once: true });
    this.#send(running, request, outward(posted.text, posted, lane), until).catch((why: UpstreamError) =>
      reply.fail(why),
    );
    try {
      return await reply.begun;
    } finally {
      until.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Sends a notification.
   *
   * @throws UpstreamError
   */
  async tell(text: Buffer, until: AbortSignal): Promise<void> {
    const telling = {};
    this.#enter(telling);
    try {
      this.#running ??= this.#run();
      const connection = await unlessAborted(this.#running.connection, until);
      await connection.send(text, until);
    } finally {
      this.#leave(telling);
    }
  }

  /** Ends it and whatever waits for it; resolves when no process of it is left. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const why = serverGone(this.#options.name, 'is stopped');
    this.#stopped.abort(why);
    for (const { reply } of this.#running?.underWay.takeAll() ?? []) reply.fail(why);
    this.#running = undefined;
    const connections = await Promise.allSettled([...this.#remaining].map(({ connection }) => connection));
    await Promise.all(connections.map((settled) => settled.status === 'fulfilled' && settled.value.end()));
  }

  #run(): Running {
    const running: Running = {
      connection: this.#connect({
        receive: (text) => this.#receive(running, text),
        lost: (why) => this.#gone(running, why),
      }),
      underWay: new UnderWay(),
      strays: new StrayRecorder(this.#options.recordStray, (isFull) => this.#read(running, running, isFull)),
      full: new Set(),
    };
    this.#remaining.add(running);
    running.connection.catch((why: UpstreamError) => this.#gone(running, why));
    return running;
  }

  async #connect(receiver: Receiver): Promise<Connection> {
    const { signal } = this.#stopped;
    await this.#starts.next(signal);
    return this.#start(receiver, signal);
  }

  #gone(running: Running, why: UpstreamError): void {
    this.#remaining.delete(running);
    this.#lost(running, why);
  }

  /** Nothing can be asked of it any more: whoever waits is told, and the next request starts another. */
  #lost(running: Running, why: UpstreamError): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#starts.failed();
    this.#options.log.warn('a server is gone', { upstream: this.#options.name, detail: why.message });
    for (const { reply } of running.underWay.takeAll()) reply.fail(why);
  }

  async #send(running: Running, request: RequestUnderWay, text: Buffer, until: AbortSignal): Promise<void> {
    const connection = await unlessAborted(running.connection, until);
    if (!request.reply.live) return;
    request.sentTo = connection;
    await connection.send(text, until);
  }

  /** Nobody waits for a request any more. Its exchange is closed, which here is said by a message. */
  #withdraw(running: Running, request: RequestUnderWay): void {
    if (!running.underWay.remove(request) || request.sentTo === undefined) return;
    const params = { requestId: request.id.onServer };
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params };
    const inTime = AbortSignal.timeout(this.#options.timeoutMilliseconds);
    this.#quietly(request.sentTo.send(Buffer.from(JSON.stringify(cancelled)), inTime));
  }

  #receive(running: Running, text: Buffer): void {
    if (this.#running !== running) return; // it was given up, and still speaks
    const envelope = readEnvelope(text);
    if (envelope === undefined) {
      this.#lost(running, answeredNonsense(this.#options.name, 'what is no JSON object'));
      this.#quietly(running.connection.then((connection) => connection.end()));
    } else if (envelope.method === undefined) this.#answer(running, envelope, text);
    else if (isRequest(envelope)) this.#decline(running, envelope, text);
    else this.#notify(running, envelope, text);
  }

  #answer(running: Running, envelope: Envelope, text: Buffer): void {
    const { id, hasResult } = envelope;
    const request = running.underWay.ofId(text, id);
    if (id === undefined || request === undefined) {
      this.#drop(running, envelope, text);
      return;
    }
    running.underWay.remove(request);
    this.#speaks ||= hasResult;
    const subscription = request.listens ? readSubscription(text) : undefined;
    const isOwn = stringAt(text, subscription) === request.id.onServer;
    const marks = subscription !== undefined && isOwn ? [id, subscription] : [id];
    request.reply.answer(request.id.key, restored(text, marks, request.id.literal));
  }

  /** Answers a request of the server's, which this version has none of, once that is recorded. */
  #decline(running: Running, envelope: Request, text: Buffer): void {
    const { event, answer } = refusalOf(this.#options.name, text, envelope);
    const declining = async () => {
      await running.strays.record(event);
      await (await running.connection).send(answer, this.#stopped.signal);
    };
    this.#quietly(declining());
  }

  #notify(running: Running, envelope: Envelope, text: Buffer): void {
    const { underWay } = running;
    const { method, progressToken, cancels } = envelope;
    const subscription = readSubscription(text);
    if (method === 'notifications/progress' && progressToken !== undefined) {
      const request = underWay.ofToken(text, progressToken);
      if (request?.token === undefined) this.#drop(running, envelope, text);
      else request.reply.pass(restored(text, [progressToken], request.token.literal));
    } else if (cancels !== undefined || subscription !== undefined) {
      const request = underWay.ofId(text, cancels ?? subscription);
      if (request?.listens !== true) this.#drop(running, envelope, text);
      else this.#passOn(running, request, text, { cancels, subscription });
    } else {
      // A log line names no request: it is certain whose it is where there is one request of one principal.
      const isLog = method === 'notifications/message' && this.#options.sharing === 'per_session';
      const request = isLog ? underWay.only() : undefined;
      if (request === undefined) this.#drop(running, envelope, text);
      else request.reply.pass(text);
    }
  }

  /** Passes what is for the stream of a subscription, which ends where the server cancels it. */
  #passOn(
    running: Running,
    request: RequestUnderWay,
    text: Buffer,
    { cancels, subscription }: { cancels: Mark | undefined; subscription: Mark | undefined },
  ): void {
    const marks = [cancels, subscription].filter((mark) => mark !== undefined);
    request.reply.pass(restored(text, marks, request.id.literal));
    if (cancels === undefined || !running.underWay.remove(request)) return;
    request.reply.end();
  }

  #drop(running: Running, envelope: Envelope, text: Buffer): void {
    const { name, log } = this.#options;
    const lane = (envelope.id && renamedAt(text, envelope.id)?.lane) ?? 0;
    if (lane >= 1 && lane <= this.#lanes)
      log.info('an answer was dropped that came too late, or twice', { upstream: name });
    this.#quietly(running.strays.record(strayEvent(name, text, envelope, 'dropped')));
  }

  /** More waits to be read by a caller than should. */
  #press(running: Running, request: RequestUnderWay, isFull: boolean): void {
    if (this.#options.sharing === 'per_session') this.#read(running, request, isFull);
    else if (isFull) {
      this.#withdraw(running, request);
      const how = 'is shared, and was cut off from a caller that reads too slowly';
      request.reply.fail(serverGone(this.#options.name, how));
    }
  }

  /** Reads on from the server only while nobody needs it to wait. */
  #read(running: Running, reader: object, isFull: boolean): void {
    if (isFull) running.full.add(reader);
    else running.full.delete(reader);
    const isPaused = running.full.size > 0;
    this.#quietly(
      running.connection.then((connection) => (isPaused ? connection.pause() : connection.resume())),
    );
  }

  #enter(use: object): void {
    clearTimeout(this.#idle);
    this.#inUse.add(use);
  }

  #leave(use: object): void {
    this.#inUse.delete(use);
    if (this.#inUse.size > 0 || this.#stopped.signal.aborted) return;
    clearTimeout(this.#idle);
    const { idleMilliseconds } = this.#options;
    // One that turned out to be of another era is of no further use.
    const isOfOtherEra = this.#running !== undefined && this.#discovered && !this.#speaks;
    this.#idle = setTimeout(this.#onIdle, isOfOtherEra ? 0 : idleMilliseconds).unref();
  }

  /** Lets happen what no caller waits for; that it failed is worth a line. */
  #quietly(doing: Promise<unknown>): void {
    const { name, log } = this.#options;
    doing.catch((why: Error) =>
      log.warn('a server was not reached, or its message not recorded', {
        upstream: name,
        detail: why.message,
      }),
    );
  }
}

/** The server's text with a caller's own id or token in place of those that the server knows. */
function restored(text: Buffer, marks: readonly Mark[], literal: string): Buffer {
  return splice(
    text,
    marks.map((mark): readonly [Span, string] => [mark, literal]),
  );
}
