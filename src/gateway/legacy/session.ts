import { setMaxListeners } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request } from 'express';
import type { Logger } from 'winston';
import { describeThrown } from '../../domain/index.js';
import { readJson, type SseEvent, SseReader } from '../../protocol/index.js';
import { authorizationOf } from '../caller.js';
import type { EventStream } from './event-stream.js';
import type { Loopback } from './loopback.js';

/**
 * How long a POST waits for its message to be refused, once all of it is there. Clients of this version send one message
 * at a time: while one POST waits, the answer that a server needs to go on is not sent.
 */
const PATIENCE_MILLISECONDS = 1_000;

/** How long the gateway waits, at least and at most, before it opens the session's GET stream again. */
const REOPEN_MILLISECONDS = { least: 1_000, most: 60_000 } as const;

/** What of a POST's own headers goes with the message. */
const SENT_ON = [
  'content-type',
  'content-length',
  'content-encoding',
  'mcp-protocol-version',
  'traceparent',
  'tracestate',
  'user-agent',
] as const;

/** What a session is opened with. */
export interface SessionOpening {
  readonly upstream: string;
  /** The gateway's own endpoint of the upstream. */
  readonly path: string;
  /** Under which name the gateway is called; already checked. */
  readonly host: string;
  readonly credential: string | undefined;
  readonly principalId: string;
  readonly stream: EventStream;
  readonly loopback: Loopback;
  readonly maxDepth: number;
  readonly log: Logger;
}

/** The session of a client of MCP 2024-11-05: an event stream of its own, and behind it one of streamable HTTP. */
export class LegacySession {
  readonly principalId: string;
  readonly upstream: string;
  readonly #opening: SessionOpening;
  readonly #gone = new AbortController();
  /** Messages that were sent on and whose answers are not all on the stream yet. */
  readonly #working = new Set<Promise<unknown>>();
  /** The token that the client sent last: those that came before may have expired. */
  #credential: string | undefined;
  /** The session that the upstream opened, if it did. */
  #innerId: string | undefined;
  /** On which version `initialize` ended. */
  #version: string | undefined;
  #listening = false;
  #ended: Promise<void> | undefined;

  constructor(opening: SessionOpening) {
    this.#opening = opening;
    this.principalId = opening.principalId;
    this.upstream = opening.upstream;
    this.#credential = opening.credential;
    setMaxListeners(0, this.#gone.signal); // one for each message under way
  }

  /** Whether its stream is closed, or about to be. */
  get over(): boolean {
    return this.#gone.signal.aborted;
  }

  /**
   * Sends one message on; its answer follows on the stream.
   *
   * @returns the pipeline's refusal where it comes soon, for the POST to be answered with
   */
  async post(request: Request): Promise<IncomingMessage | undefined> {
    this.#credential = authorizationOf(request);
    const answer = this.#send('POST', sentOn(request), request);
    const head = await this.#track(within(answer, request));
    if (head !== undefined && (head.statusCode ?? 0) >= 400) return head;
    const passed = answer.then((answered) => this.#pass(answered));
    void this.#track(passed.catch((thrown: unknown) => this.#fail(thrown)));
    return undefined;
  }

  /** Waits for what is under way, then ends the session. */
  async finish(): Promise<void> {
    while (this.#working.size > 0 && !this.over) await Promise.allSettled(this.#working);
    await this.end();
  }

  /** Ends the stream, whatever is under way, and the upstream's session; settles when that is done. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const { stream, loopback, path, log } = this.#opening;
    this.#gone.abort();
    stream.end();
    if (this.#innerId === undefined) return;
    try {
      const answer = await loopback.send({ method: 'DELETE', path, headers: this.#headers() });
      answer.resume();
      if ((answer.statusCode ?? 0) >= 400)
        log.info('the session of a legacy client was not ended', { path, status: answer.statusCode });
    } catch (thrown) {
      log.warn('the session of a legacy client was not ended', { path, detail: describeThrown(thrown) });
    }
  }

  #send(
    method: 'POST' | 'GET',
    headers: OutgoingHttpHeaders,
    body?: IncomingMessage,
  ): Promise<IncomingMessage> {
    const { loopback, path } = this.#opening;
    return loopback.send({
      method,
      path,
      headers: { ...this.#headers(), ...headers },
      signal: this.#gone.signal,
      ...(body !== undefined && { body }),
    });
  }

  #headers(): OutgoingHttpHeaders {
    return {
      host: this.#opening.host,
      accept: 'application/json, text/event-stream',
      ...(this.#credential !== undefined && { authorization: this.#credential }),
      ...(this.#innerId !== undefined && { 'mcp-session-id': this.#innerId }),
      ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
    };
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work);
    const done = () => this.#working.delete(work);
    work.then(done, done);
    return work;
  }

  /** Ends a session in which an answer broke off: nobody must wait for what cannot come. */
  #fail(thrown: unknown): void {
    if (this.over) return;
    const { log, path } = this.#opening;
    log.warn('an answer to a legacy client broke off', { path, detail: describeThrown(thrown) });
    void this.end();
  }

  async #pass(head: IncomingMessage): Promise<void> {
    const status = head.statusCode ?? 0;
    const id = head.headers['mcp-session-id'];
    if (status < 300 && typeof id === 'string') this.#innerId ??= id;
    const type = head.headers['content-type'] ?? '';
    if (type.startsWith('text/event-stream')) await this.#passEvents(head);
    else if (type.startsWith('application/json')) await this.#passJson(head);
    else {
      head.resume();
      if (status < 300) this.#accepted();
    }
  }

  async #passJson(head: IncomingMessage): Promise<void> {
    await this.#opening.stream.ready();
    const chunks: Buffer[] = [];
    for await (const chunk of head) chunks.push(chunk as Buffer);
    const data = Buffer.concat(chunks);
    this.#learnVersion(data);
    await this.#opening.stream.message(data);
  }

  /** @returns where the stream can be taken up again, and after how many milliseconds */
  async #passEvents(head: IncomingMessage): Promise<Pick<SseEvent, 'id' | 'retry'>> {
    // The pipeline has held the events to their bound, and masks may have made them larger since.
    const reader = new SseReader({ eventBytes: Number.POSITIVE_INFINITY });
    let resumption: Pick<SseEvent, 'id' | 'retry'> = {};
    for await (const chunk of head) {
      for (const event of reader.push(chunk as Buffer)) {
        const { id = resumption.id, retry = resumption.retry } = event;
        resumption = { ...(id !== undefined && { id }), ...(retry !== undefined && { retry }) };
        if (event.data !== undefined) this.#learnVersion(event.data);
        await this.#opening.stream.event(event);
      }
    }
    return resumption;
  }

  /** Finds the version in the answer to `initialize`, before the client can have sent anything that is held to it. */
  #learnVersion(data: Buffer): void {
    if (this.#version !== undefined) return;
    const document = readJson(data, { maxDepth: this.#opening.maxDepth });
    if (document.kind(document.root) !== 'object') return; // a batch, in which no `initialize` may be
    const result = document.member(document.root, 'result');
    if (result === undefined || document.kind(result) !== 'object') return;
    const version = document.member(result, 'protocolVersion');
    if (version !== undefined && document.kind(version) === 'string')
      this.#version = document.string(version);
  }

  /** The first message that is accepted and not answered, after `initialize` was, is `notifications/initialized`. */
  #accepted(): void {
    if (this.#listening || this.#version === undefined) return;
    this.#listening = true;
    this.#listen().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Passes what the upstream says unasked. Its stream is taken up again where it ends, which it may at any time. */
  async #listen(): Promise<void> {
    const { signal } = this.#gone;
    let resumption: Pick<SseEvent, 'id' | 'retry'> = {};
    for (;;) {
      const { id } = resumption;
      const head = await this.#send('GET', {
        accept: 'text/event-stream',
        ...(id !== undefined && { 'last-event-id': id }),
      });
      if (head.statusCode !== 200) {
        head.resume();
        this.#listening = head.statusCode === 405; // of all others, such as 401, it may be over with the next message
        return;
      }
      resumption = { ...resumption, ...(await this.#passEvents(head)) };
      const { least, most } = REOPEN_MILLISECONDS;
      const wait = Math.min(Math.max(resumption.retry ?? least, least), most);
      await delay(wait, undefined, { signal, ref: false });
    }
  }
}

function sentOn({ headers }: Request): OutgoingHttpHeaders {
  return Object.fromEntries(
    SENT_ON.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
  );
}

/** An answer's head, or undefined where it takes longer than {@link PATIENCE_MILLISECONDS} after the request's end. */
function within(
  answer: Promise<IncomingMessage>,
  request: IncomingMessage,
): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const begin = () => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MILLISECONDS);
    };
    const settled = () => {
      request.off('end', begin);
      clearTimeout(timer);
    };
    request.once('end', begin);
    answer.finally(settled).then(resolve, reject);
  });
}
