import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Connect, Connection, Receiver, UpstreamLog } from './connection.js';
import { unlessAborted } from './deadline.js';
import { serverGone, tooLarge, type UpstreamError, unreachable } from './errors.js';
import { LineReader } from './lines.js';

/** A program that speaks MCP over its standard input and output. */
export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment but PATH and HOME, which are the gateway's own where they do not stand here. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** How large a message of it may be. */
  readonly messageBytes: number;
  readonly log: UpstreamLog;
}

/** How long a process may take to end by itself when its input is closed, and then when it is asked to. */
const GRACE_MILLISECONDS = 2_000;
/** How long output may be kept open by whoever inherited it from a process that has ended. */
const AFTERMATH_MILLISECONDS = 1_000;
const LONGEST_LOG_LINE = 4_096;

/**
 * Starts a process for each connection: one JSON text a line on standard input and output, as MCP's stdio transport
 * has it. No shell is involved. What it writes to standard error is logged.
 */
export function connectChild(options: ChildOptions): Connect {
  return async (receiver, signal) => {
    signal.throwIfAborted();
    const child = start(options);
    logLines(child, options);
    const connection = new ChildConnection(child, options, receiver);
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw unreachable(options.name, cause);
    }
    return connection;
  };
}

function start({ name, command, args, env, cwd }: ChildOptions): ChildProcessWithoutNullStreams {
  const { PATH, HOME } = process.env;
  const own = { ...(PATH !== undefined && { PATH }), ...(HOME !== undefined && { HOME }) };
  try {
    // A group of its own: what it starts can be ended with it, and a Ctrl-C in the terminal reaches it by us only.
    return spawn(command, args, {
      cwd,
      env: { ...own, ...env },
      shell: false,
      detached: true,
      stdio: 'pipe',
    });
  } catch (cause) {
    throw unreachable(name, cause);
  }
}

class ChildConnection implements Connection {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: ChildOptions;
  readonly #exited: Promise<void>;
  #failure: UpstreamError | undefined;
  #ending: Promise<void> | undefined;

  constructor(child: ChildProcessWithoutNullStreams, options: ChildOptions, receiver: Receiver) {
    this.#child = child;
    this.#options = options;
    const lines = new LineReader(options.messageBytes);
    child.stdin.setMaxListeners(0); // one for each message that waits
    // A process that ends leaves input unread; that it ended is told below.
    child.stdin.on('error', (cause) => this.#note('input could not be written', cause));
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        if (this.#failure === undefined) for (const line of lines.push(chunk)) receive(receiver, line);
      } catch (cause) {
        this.#failure = tooLarge(options.name, options.messageBytes, cause);
        void this.end();
      }
    });
    child.stdout.once('end', () => void this.end());
    child.once('close', (code: number | null, by: string | null) =>
      receiver.lost(this.#failure ?? serverGone(options.name, how(code, by))),
    );
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        this.#signal('SIGKILL'); // whatever it started and left behind
        if (!child.stdout.isPaused())
          setTimeout(() => child.stdout.destroy(), AFTERMATH_MILLISECONDS).unref();
        resolve();
      });
      child.once('error', (cause) => {
        this.#note('the process failed', cause);
        if (child.pid === undefined) resolve();
      });
    });
  }

  async send(text: Buffer, signal: AbortSignal): Promise<void> {
    const { stdin } = this.#child;
    while (stdin.writableNeedDrain && !signal.aborted) await drained(stdin, signal);
    signal.throwIfAborted();
    const written = new Promise<void>((resolve, reject) => {
      stdin.write(Buffer.concat([onOneLine(text), Buffer.from('\n')]), (cause) => {
        if (cause) reject(serverGone(this.#options.name, 'takes no input any more', cause));
        else resolve();
      });
    });
    await unlessAborted(written, signal);
  }

  pause(): void {
    this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** MCP 2025-11-25, lifecycle, shutdown over stdio: close its input, then SIGTERM, then SIGKILL. */
  async #end(): Promise<void> {
    this.#child.stdin.end();
    this.#child.stdout.resume(); // a process that waits for its output to be read could not end
    if (await this.#exitedWithin(GRACE_MILLISECONDS)) return;
    this.#signal('SIGTERM');
    if (await this.#exitedWithin(GRACE_MILLISECONDS)) return;
    this.#signal('SIGKILL');
    await this.#exited;
  }

  async #exitedWithin(milliseconds: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), milliseconds);
    });
    const inTime = await Promise.race([this.#exited.then(() => true), late]);
    clearTimeout(timer);
    return inTime;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (cause) {
      const gone = cause instanceof Error && 'code' in cause && cause.code === 'ESRCH';
      if (!gone) this.#note(`${signal} could not be sent`, cause);
    }
  }

  #note(what: string, cause: unknown): void {
    const detail = cause instanceof Error ? cause.message : String(cause);
    this.#options.log.info(`a server's ${what}`, { upstream: this.#options.name, detail });
  }
}

function receive(receiver: Receiver, line: Buffer): void {
  if (line.some((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d)) receiver.receive(line);
}

function how(code: number | null, by: string | null): string {
  return by === null ? `ended with exit code ${code}` : `was ended by ${by}`;
}

/**
 * Line ends delimit messages here. Those of a JSON text stand between its tokens only, since its strings have none
 * (RFC 8259, section 7), so a space means the same. Some servers take a carriage return for a line end too.
 */
function onOneLine(text: Buffer): Buffer {
  if (!text.includes('\n') && !text.includes('\r')) return text;
  return Buffer.from(text.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}

function drained(stdin: ChildProcessWithoutNullStreams['stdin'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stdin.off('drain', settle).off('close', settle);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    stdin.on('drain', settle).on('close', settle);
    signal.addEventListener('abort', settle, { once: true });
  });
}

function logLines(child: ChildProcessWithoutNullStreams, { name, log }: ChildOptions): void {
  let line = '';
  const flush = () => {
    if (line !== '') log.info('an upstream says', { upstream: name, line: visible(line) });
    line = '';
  };
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split(/\r?\n/);
    line = (line + first).slice(0, LONGEST_LOG_LINE);
    for (const other of others) {
      flush();
      line = other.slice(0, LONGEST_LOG_LINE);
    }
  });
  child.stderr.on('end', flush);
}

/** Escapes what could move a terminal's cursor or turn the direction of writing. */
function visible(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
