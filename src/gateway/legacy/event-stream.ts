import type { Response } from 'express';
import { eventWithData, type SseEvent } from '../../protocol/index.js';

/** Proxies and clients give up connections on which nothing moves for longer. */
const KEEP_ALIVE_MILLISECONDS = 15_000;
const KEEP_ALIVE = ':\n\n';
const NOTHING = Buffer.alloc(0);

/** The event stream of a client of MCP 2024-11-05. Each event is one write, so that no two can mix. */
export class EventStream {
  readonly #response: Response;
  readonly #timer: NodeJS.Timeout;
  /** Settles when the client has read what was written, or is gone; undefined while it reads fast enough. */
  #drained: Promise<void> | undefined;

  /** @param endpoint - the address that the client is to post its messages to */
  constructor(response: Response, endpoint: string) {
    this.#response = response;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
    });
    response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
    this.#timer = setInterval(() => this.#keepAlive(), KEEP_ALIVE_MILLISECONDS).unref();
    response.once('close', () => clearInterval(this.#timer));
  }

  /** Waits while the client reads slowly. */
  async ready(): Promise<void> {
    await this.#drained;
  }

  /** Sends one message. */
  message(data: Buffer): Promise<void> {
    return this.#write(eventWithData({ raw: NOTHING, data, event: 'message' }, data));
  }

  /**
   * Sends what an event of another stream carries: its comments, and its data as a message. Its type, id and retry
   * time stay behind: they speak of that stream, and this one knows two types and cannot be resumed.
   */
  event({ raw, data }: SseEvent): Promise<void> {
    if (data === undefined) return this.#write(eventWithData({ raw, data }, NOTHING));
    return this.#write(eventWithData({ raw, data, event: 'message' }, data));
  }

  end(): void {
    this.#response.end();
  }

  #keepAlive(): void {
    const { writableEnded, writableNeedDrain } = this.#response;
    if (!writableEnded && !writableNeedDrain) this.#response.write(KEEP_ALIVE);
  }

  #write(bytes: Buffer): Promise<void> {
    const response = this.#response;
    if (response.writableEnded || response.destroyed || response.write(bytes)) return Promise.resolve();
    this.#drained ??= new Promise((resolve) => {
      const settle = () => {
        response.off('drain', settle).off('close', settle);
        this.#drained = undefined;
        resolve();
      };
      response.on('drain', settle).on('close', settle);
    });
    return this.#drained;
  }
}
