import type { Permit } from '../domain/index.js';
import type { UpstreamError } from './errors.js';

/**
 * A duplex of JSON texts with an MCP server: a child process's stdin and stdout, or a legacy server's event stream and
 * the address it names. It knows nothing of sessions and of HTTP answers; `hosted.ts` makes these of it.
 */
export interface Connection {
  /**
   * Sends one JSON text.
   *
   * @param signal - gives up waiting for a server that does not read
   * @param permit - what it is sent by, for a road that proves each message to its server
   * @returns when the server's side took it
   * @throws UpstreamError
   */
  send(text: Buffer, signal: AbortSignal, permit?: Permit): Promise<void>;
  /** Stops reading: whoever these messages are for reads slower than the server writes. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Ends the connection; resolves when nothing of it is left. May be called more than once. */
  end(): Promise<void>;
}

/** Whoever takes what comes over a connection. */
export interface Receiver {
  /** One JSON text, unread: nothing is known of it but where it began and ended. */
  receive(text: Buffer): void;
  /** The connection is over, whoever ended it. Called once, and nothing is received after it. */
  lost(why: UpstreamError): void;
}

/**
 * Opens a connection.
 *
 * @param permit - what it is opened for, for a road that proves itself to its server
 * @throws UpstreamError `upstream_unreachable`, and whatever `signal` ends it with
 */
export type Connect = (receiver: Receiver, signal: AbortSignal, permit?: Permit) => Promise<Connection>;

/** Where the roads write what an operator should know. */
export interface UpstreamLog {
  debug(message: string, details: object): unknown;
  info(message: string, details: object): unknown;
  warn(message: string, details: object): unknown;
}
