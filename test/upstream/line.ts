import type { Connection, Receiver } from '../../src/upstream/connection.js';
import { createHostedUpstream, type HostingOptions } from '../../src/upstream/hosted.js';

/** A connection whose other side is the test. */
export class Line implements Connection {
  readonly sent: string[] = [];
  paused = false;
  ended = false;
  receiver: Receiver | undefined;

  async send(text: Buffer, _signal: AbortSignal): Promise<void> {
    this.sent.push(text.toString());
    if (text.includes('"initialize"')) this.says({ id: 0, result: {} });
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  async end(): Promise<void> {
    this.ended = true;
  }
  says(message: object): void {
    this.receiver?.receive(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
  }
}

/** A server of such connections. */
export function hosted(line: Line, options: Partial<HostingOptions> = {}) {
  const nothing = () => undefined;
  return createHostedUpstream(
    {
      name: 'line',
      timeoutMilliseconds: 5_000,
      idleMilliseconds: 60_000,
      maxSessions: 5,
      messageBytes: 1 << 20,
      log: { debug: nothing, info: nothing, warn: nothing },
      ...options,
    },
    async (receiver) => {
      line.receiver = receiver;
      return line;
    },
  );
}
