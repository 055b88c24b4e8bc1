/**
 * The door for clients of MCP 2024-11-05, which know an event stream and an address for posts ("HTTP with SSE") instead of
 * streamable HTTP. It stands in front of the gateway's own endpoints and calls them as any client does, with its
 * client's credential: it makes no value of the corridor, and everything it sends to its client is a refusal of the
 * gateway or was cleared by the pipeline.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { Principal } from '../../domain/index.js';
import { mustBeFor } from '../audience.js';
import { mustBeBound } from '../binding.js';
import { authorizationOf, identifyCaller, schemeOf } from '../caller.js';
import { connect } from '../connect.js';
import { Exchange } from '../exchange.js';
import { beginLife } from '../live.js';
import { challenge } from '../metadata.js';
import type { GatewayParts } from '../parts.js';
import { GatewayError } from '../refusal.js';
import { refuse } from '../refuse.js';
import { respond, respondUnrecorded } from '../respond.js';
import { EventStream } from './event-stream.js';
import { Loopback } from './loopback.js';
import { LegacySession } from './session.js';

const MOST_SESSIONS = 1_000;
const MOST_SESSIONS_OF_A_PRINCIPAL = 50;

/** What of the pipeline's refusal reaches the client besides its body. */
const RETURNED = ['content-type', 'www-authenticate', 'retry-after', 'regate-decision-id'] as const;

/** The two endpoints, and the sessions between them. */
export class LegacyDoor {
  readonly #parts: GatewayParts;
  readonly #loopback: Loopback;
  readonly #sessions = new Map<string, LegacySession>();
  #closing = false;

  /** @param gateway - answers the door's own requests */
  constructor(parts: GatewayParts, gateway: RequestListener) {
    this.#parts = parts;
    this.#loopback = new Loopback(gateway);
  }

  /** `GET /mcp/<upstream>/sse`: opens a session; never throws. */
  async open(request: Request, response: Response): Promise<void> {
    const exchange = new Exchange(request, response);
    try {
      const { principal, upstream } = await this.#identify(exchange);
      this.#mustHaveRoom(principal);
      beginLife(this.#parts, exchange, principal);
      exchange.ended.catch((why: unknown) => this.#respondRefused(exchange, why));
      if (!exchange.signal.aborted) this.#open(exchange, principal, upstream);
    } catch (thrown) {
      await this.#respondRefused(exchange, thrown);
    }
  }

  /** `POST /mcp/<upstream>/messages?session=<id>`: takes one message; never throws. */
  async post(request: Request, response: Response): Promise<void> {
    const exchange = new Exchange(request, response);
    try {
      const { principal, upstream } = await this.#identify(exchange);
      const refusal = await this.#deliver(request, this.#find(request, principal, upstream));
      if (refusal === undefined) response.status(202).end();
      else await relay(refusal, response);
    } catch (thrown) {
      if (!exchange.signal.aborted) await this.#respondRefused(exchange, thrown);
    }
  }

  /** Opens no more sessions, and ends those there are: each when its calls are answered, all after `milliseconds`. */
  async end(milliseconds: number): Promise<void> {
    this.#closing = true;
    const sessions = [...this.#sessions.values()];
    const over = new AbortController();
    const cut = delay(milliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all(sessions.map((session) => session.finish())), cut]);
    over.abort();
    for (const session of sessions) void session.end();
    this.#loopback.close();
  }

  async #identify(exchange: Exchange): Promise<{ principal: Principal; upstream: string }> {
    const { settings, upstreams } = this.#parts;
    const { name } = connect(exchange.request, exchange.id, settings, upstreams).upstream;
    exchange.upstream = name;
    const principal = await identifyCaller(this.#parts, exchange.request, exchange.response);
    exchange.principal = principal;
    mustBeFor(settings, name, principal);
    mustBeBound(principal, upstreams.get(name));
    if (principal.binding !== 'none') throw bindingUnsupported();
    return { principal, upstream: name };
  }

  #mustHaveRoom(principal: Principal): void {
    if (this.#closing) {
      throw new GatewayError('shutting_down', 'this gateway is about to stop', 'Connect again.');
    }
    const own = [...this.#sessions.values()].filter(({ principalId }) => principalId === principal.id);
    if (own.length >= MOST_SESSIONS_OF_A_PRINCIPAL || this.#sessions.size >= MOST_SESSIONS) {
      throw new GatewayError(
        'too_many_streams',
        'too many event streams are open',
        'Close those that are not needed, or use streamable HTTP.',
      );
    }
  }

  /** @throws GatewayError `session_unknown`, `session_of_another` */
  #find(request: Request, principal: Principal, upstream: string): LegacySession {
    const { session: id } = request.query;
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (session === undefined || session.over || session.upstream !== upstream) throw sessionUnknown();
    if (session.principalId !== principal.id) {
      throw new GatewayError(
        'session_of_another',
        'this session belongs to another principal',
        'Open an event stream of your own.',
      );
    }
    return session;
  }

  async #deliver(request: Request, session: LegacySession): Promise<IncomingMessage | undefined> {
    try {
      return await session.post(request);
    } catch (thrown) {
      throw session.over ? sessionUnknown() : thrown;
    }
  }

  /** Answers as the pipeline does: recorded first. */
  async #respondRefused(exchange: Exchange, thrown: unknown): Promise<void> {
    const response = exchange.responseToRefuse;
    const refused = await refuse(this.#parts, exchange, thrown, { id: undefined });
    if (response.headersSent) response.destroy();
    else if (refused === undefined) respondUnrecorded(response, undefined);
    else {
      const { refusal, cleared, decisionId } = refused;
      if (refusal.httpStatus === 401)
        response.setHeader(
          'WWW-Authenticate',
          challenge(this.#parts, exchange.upstream, refusal, schemeOf(exchange.request)),
        );
      respond(response, refusal.httpStatus, cleared, { decisionId });
    }
  }

  #open({ request, response }: Exchange, principal: Principal, upstream: string): void {
    const path = `/mcp/${encodeURIComponent(upstream)}`;
    const id = randomBytes(32).toString('base64url');
    const session = new LegacySession({
      upstream,
      path,
      host: request.headers.host ?? '',
      credential: authorizationOf(request),
      principalId: principal.id,
      stream: new EventStream(response, `${path}/messages?session=${id}`),
      loopback: this.#loopback,
      maxDepth: this.#parts.settings.limits.depth,
      log: this.#parts.log,
    });
    this.#sessions.set(id, session);
    response.once('close', () => {
      this.#sessions.delete(id);
      void session.end();
    });
  }
}

/** Answers a POST as the pipeline answered the message in it. */
async function relay(refusal: IncomingMessage, response: Response): Promise<void> {
  response.status(refusal.statusCode ?? 500);
  for (const name of RETURNED) {
    const value = refusal.headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  await pipeline(refusal, response);
}

/** What is sent on goes to another URL, by the gateway's own requests too: for these a proof would have to be forged. */
function bindingUnsupported(): GatewayError {
  return new GatewayError(
    'binding_unsupported',
    'tokens that are bound to a key are not taken here',
    'Use streamable HTTP.',
  );
}

function sessionUnknown(): GatewayError {
  return new GatewayError('session_unknown', 'there is no such session', 'Open an event stream first.');
}
