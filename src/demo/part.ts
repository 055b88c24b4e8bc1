import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DemoError } from './error.js';
import type { PartName } from './ports.js';
import { answers } from './running.js';

const READY_MS = 30_000;
const POLL_MS = 50;
const STOP_MS = 10_000;
const LAST_LINES = 20;

/** How a part of the demo is started, and how it shows that it is ready. */
export interface PartCommand {
  readonly name: PartName;
  /** Arguments of `node`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with a status below 500 once the part is ready. */
  readonly readyUrl: string;
  /** Takes what it prints; begun anew at each start. */
  readonly logFile: string;
}

/** A part of the demo that runs as a child process. */
export interface Part {
  readonly name: PartName;
  /** Rejects with a DemoError `part_ended` when the part ends before it was told to; never resolves. */
  readonly ended: Promise<never>;
  /** Asks it to end and waits until it has; one that does not listen is killed. */
  stop(): Promise<void>;
}

/**
 * Starts a part and waits until it is ready. It is told of our end by the IPC channel, which closes however we end, and
 * it has a session of its own, so that a Ctrl-C in the terminal reaches it by us and in order.
 *
 * @param signal gives the start up: the part is stopped
 * @throws DemoError `part_ended`, `part_not_ready`, with the last lines that it wrote; the signal's reason
 */
export async function startPart(command: PartCommand, signal: AbortSignal): Promise<Part> {
  signal.throwIfAborted();
  await mkdir(dirname(command.logFile), { recursive: true });
  const log = openSync(command.logFile, 'w', 0o600);
  const child = spawn(process.execPath, command.args, {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...command.env },
    detached: true,
  });
  closeSync(log);
  const part = supervise(child, command);
  const settled = new AbortController();
  try {
    const polling = AbortSignal.any([signal, settled.signal]);
    await Promise.race([part.ended, untilReady(command, polling)]);
    return part;
  } catch (error) {
    await part.stop();
    throw error;
  } finally {
    settled.abort();
  }
}

function supervise(child: ChildProcess, command: PartCommand): Part {
  let stopping = false;
  // Not `close`, which never comes once we have closed the channel ourselves.
  const gone = once(child, 'exit');
  const ended = gone.then(([code, signal]): Promise<never> => {
    if (stopping) return new Promise(() => undefined);
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    return Promise.reject(failure('part_ended', command, `ended ${how}`));
  });
  // Whoever waits for it is told; before anyone does, it must not count as unhandled.
  ended.catch(() => undefined);
  return {
    name: command.name,
    ended,
    stop: async () => {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      // An open channel would keep a process alive that has nothing left to do.
      if (child.connected) child.disconnect();
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(killer);
    },
  };
}

async function untilReady(command: PartCommand, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await answers(command.readyUrl))) {
    if (Date.now() > deadline) {
      throw failure('part_not_ready', command, `was not ready after ${READY_MS / 1_000} s`);
    }
    await wait(POLL_MS, undefined, { signal });
  }
}

function failure(
  code: 'part_ended' | 'part_not_ready',
  { name, logFile }: PartCommand,
  what: string,
): DemoError {
  const lastLines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  const said = lastLines === '' ? '' : `\n\nIts last lines:\n${lastLines}\n`;
  return new DemoError(code, `The demo's ${name} ${what}.${said}`, `See ${logFile}.`);
}
