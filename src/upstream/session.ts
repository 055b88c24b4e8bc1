import { randomUUID } from 'node:crypto';
import type { Permit } from '../domain/index.js';
import type { Connect, Connection, Receiver, UpstreamLog } from './connection.js';
import { type Envelope, isRequest, type Mark, readEnvelope } from './envelope.js';
import { answeredNonsense, full, sessionEnded, type UpstreamError } from './errors.js';
import { EventStream } from './event-stream.js';
import { OWN_ERROR, ownError } from './own-error.js';
import type { Posted } from './posted.js';
import { type Begun, Reply } from './reply.js';

/** More requests than this unanswered in one session, given up ones included, and no other is taken. */
const MOST_UNANSWERED = 1_000;
/** What is kept for a client that has no stream open; beyond either, the oldest is dropped. */
const MOST_UNHEARD = 256;
const MOST_UNHEARD_BYTES = 1024 * 1024;

/** What a session needs of the upstream that it belongs to. */
export interface SessionOwner {
  readonly name: string;
  readonly log: UpstreamLog;
  readonly idleMilliseconds: number;
  readonly messageBytes: number;
  /** Told once, as soon as the session takes nothing any more. */
  readonly ended: (session: HostedSession) => void;
}

/** Why a request is not taken whose id another has. */
export const ID_TAKEN = 'a request of this id is unanswered';

/** A request that the server has not answered. */
interface Unanswered {
  readonly reply: Reply;
  /** Key of its progress token. */
  readonly token: string | undefined;
}

/** One MCP session over one connection: it knows which HTTP answer each message of the server belongs to. */
export class HostedSession implements Receiver {
  readonly id = randomUUID();
  /** Whose it is. */
  readonly principalId: string;
  readonly #owner: SessionOwner;
  /** An id stays here until the server answers, even when nobody waits: a late answer must not pass for another's. */
  readonly #unanswered = new Map<string, Unanswered>();
  readonly #byToken = new Map<string, Reply>();
  readonly #fullStreams = new Set<object>();
  readonly #inUse = new Set<object>();
  #unheard: Buffer[] = [];
  #unheardBytes = 0;
  #listener: EventStream | undefined;
  #connection: Connection | undefined;
  #idle: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(owner: SessionOwner, principalId: string) {
    this.#owner = owner;
    this.principalId = principalId;
  }

  /** @throws UpstreamError */
  async connect(connect: Connect, signal: AbortSignal, permit: Permit): Promise<void> {
    this.#connection = await connect(this, signal, permit);
    if (!this.#ended) return;
    await this.#connection.end();
    throw sessionEnded(this.#owner.name);
  }

  /** Whether a request of this id is unanswered, so that another may not have it. */
  awaits(id: Mark): boolean {
    return this.#unanswered.has(id.key);
  }

  /**
   * Sends messages, at least one of them a request, one after the other. A request whose id is taken is not sent: the
   * session answers it with an error.
   *
   * @param until - how long the answer may take to begin
   * @param caller - aborted when nobody reads the answer any more
   * @throws UpstreamError
   */
  async ask(
    posted: readonly Posted[],
    until: AbortSignal,
    caller: AbortSignal,
    permit: Permit,
  ): Promise<Begun> {
    until.throwIfAborted();
    const connection = this.#connected();
    const requests = posted.filter(isRequest);
    if (this.#unanswered.size + requests.length > MOST_UNANSWERED) {
      const next = 'Wait for answers, or send initialize to start a new session.';
      throw full(this.#owner.name, `has ${MOST_UNANSWERED} requests of this session unanswered`, next);
    }
    const ids = requests.map(({ id }) => id.key);
    const reply: Reply = new Reply(ids, this.#owner.messageBytes, {
      full: (isFull) => this.#press(reply, isFull),
      done: () => this.#leave(reply),
    });
    this.#enter(reply);
    const taken = requests.filter(({ id }) => this.awaits(id));
    const sent = posted.filter((message) => !taken.some((request) => request === message));
    for (const { id, progressToken } of sent.filter(isRequest)) {
      this.#unanswered.set(id.key, { reply, token: progressToken?.key });
      if (progressToken !== undefined) this.#byToken.set(progressToken.key, reply);
    }
    for (const request of taken)
      reply.answer(request.id.key, ownError(request, OWN_ERROR.INVALID_REQUEST, ID_TAKEN));
    const giveUp = () => reply.fail(until.reason as UpstreamError);
    until.addEventListener('abort', giveUp, { once: true });
    caller.addEventListener('abort', () => reply.abandon(), { once: true });
    void this.#sendAll(sent, reply, until, (text) => connection.send(text, until, permit));
    try {
      return await reply.begun;
    } finally {
      until.removeEventListener('abort', giveUp);
    }
  }

  /** Never rejects: each request whose sending fails fails by itself. */
  async #sendAll(
    posted: readonly Posted[],
    reply: Reply,
    until: AbortSignal,
    send: (text: Buffer) => Promise<void>,
  ): Promise<void> {
    for (const message of posted) {
      const id = isRequest(message) ? message.id : undefined;
      if (until.aborted) {
        this.#settle(id); // never sent, never answered: its id is free again
        continue;
      }
      await send(message.text).catch((why: UpstreamError) => {
        if (id !== undefined) reply.miss(id.key, why);
        const about = { upstream: this.#owner.name, session: this.id, detail: why.message };
        this.#owner.log.warn('a message was not sent', about);
      });
    }
  }

  /**
   * Sends a notification or an answer.
   *
   * @throws UpstreamError
   */
  async tell(text: Buffer, until: AbortSignal, permit: Permit): Promise<void> {
    const telling = {};
    this.#enter(telling);
    try {
      await this.#connected().send(text, until, permit);
    } finally {
      this.#leave(telling);
    }
  }

  /** Opens the session's own stream, for what belongs to no request; undefined where it is open already. */
  listen(caller: AbortSignal): EventStream | undefined {
    if (this.#listener !== undefined) return undefined;
    const stream: EventStream = new EventStream({
      full: (isFull) => this.#press(stream, isFull),
      close: () => {
        this.#listener = undefined;
        this.#leave(stream);
      },
    });
    this.#enter(stream);
    this.#listener = stream;
    caller.addEventListener('abort', () => stream.close(), { once: true });
    for (const text of this.#unheard.splice(0)) stream.push(text);
    this.#unheardBytes = 0;
    return stream;
  }

  /** Takes what the server says to the HTTP answer that it belongs to. */
  receive(text: Buffer): void {
    if (this.#ended) return;
    const envelope = readEnvelope(text);
    if (envelope === undefined) {
      void this.#endWith(answeredNonsense(this.#owner.name, 'what is no JSON object'));
    } else if (envelope.method === undefined) this.#answer(envelope.id, text);
    else this.#pass(envelope, text);
  }

  lost(why: UpstreamError): void {
    void this.#endWith(why);
  }

  /** Ends the session; resolves when nothing of its connection is left. */
  end(): Promise<void> {
    return this.#endWith(undefined);
  }

  #answer(id: Mark | undefined, text: Buffer): void {
    const unanswered = this.#settle(id);
    if (id === undefined || unanswered === undefined) {
      this.#owner.log.warn('an answer to no request was dropped', { upstream: this.#owner.name });
      return;
    }
    unanswered.reply.answer(id.key, text);
  }

  /** Forgets a request that was answered or was never sent. */
  #settle(id: Mark | undefined): Unanswered | undefined {
    const unanswered = id && this.#unanswered.get(id.key);
    if (id === undefined || unanswered === undefined) return undefined;
    this.#unanswered.delete(id.key);
    const { token, reply } = unanswered;
    if (token !== undefined && this.#byToken.get(token) === reply) this.#byToken.delete(token);
    return unanswered;
  }

  #pass({ method, progressToken }: Envelope, text: Buffer): void {
    const isProgress = method === 'notifications/progress' && progressToken !== undefined;
    const reporting = isProgress ? this.#byToken.get(progressToken.key) : undefined;
    if (reporting !== undefined) reporting.pass(text);
    else if (this.#listener !== undefined) this.#listener.push(text);
    else this.#newestReply(text);
  }

  #newestReply(text: Buffer): void {
    const replies = [...this.#unanswered.values()].map(({ reply }) => reply);
    const newest = replies.filter(({ live }) => live).at(-1);
    if (newest === undefined) this.#keepUnheard(text);
    else newest.pass(text);
  }

  #keepUnheard(text: Buffer): void {
    this.#unheard.push(text);
    this.#unheardBytes += text.byteLength;
    while (this.#unheard.length > MOST_UNHEARD || this.#unheardBytes > MOST_UNHEARD_BYTES) {
      this.#unheardBytes -= this.#unheard.shift()?.byteLength ?? 0;
      const about = { upstream: this.#owner.name, session: this.id };
      this.#owner.log.warn('a message that no stream was open for was dropped', about);
    }
  }

  /** Reads on from the server only while no answer of the session waits to be read. */
  #press(stream: object, isFull: boolean): void {
    if (isFull) this.#fullStreams.add(stream);
    else this.#fullStreams.delete(stream);
    if (this.#fullStreams.size === 0) this.#connection?.resume();
    else this.#connection?.pause();
  }

  #enter(use: object): void {
    clearTimeout(this.#idle);
    this.#inUse.add(use);
  }

  #leave(use: object): void {
    this.#inUse.delete(use);
    if (this.#inUse.size > 0 || this.#ended) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#owner.log.info('a session was idle and is ended', {
        upstream: this.#owner.name,
        session: this.id,
      });
      void this.end();
    }, this.#owner.idleMilliseconds).unref();
  }

  #connected(): Connection {
    if (this.#connection === undefined || this.#ended) throw sessionEnded(this.#owner.name);
    return this.#connection;
  }

  async #endWith(why: UpstreamError | undefined): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      clearTimeout(this.#idle);
      for (const { reply } of this.#unanswered.values()) reply.fail(why ?? sessionEnded(this.#owner.name));
      this.#unanswered.clear();
      this.#byToken.clear();
      this.#listener?.end(why);
      this.#unheard = [];
      this.#owner.ended(this);
    }
    await this.#connection?.end();
  }
}
