import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../refusal.js';

interface Run {
  readonly done: Promise<void>;
  readonly end: (why: Error) => void;
}

/** After a gateway that stops has ended its runs, it waits so long for them to be noted, in milliseconds. */
const TO_NOTE = 1_000;

/** The calls that run in this process for tasks. They outlast the request that began them, and end with the gateway. */
export class TaskRuns {
  /** By which other gateways tell that a task runs here. */
  readonly instance = randomUUID();
  readonly #runs = new Map<string, Run>();

  /** What a task's run is over with; undefined where it does not run here. */
  of(id: string): Promise<void> | undefined {
    return this.#runs.get(id)?.done;
  }

  /** @param done - never rejects */
  add(id: string, done: Promise<void>, end: (why: Error) => void): void {
    this.#runs.set(id, { done, end });
    void done.then(() => this.#runs.delete(id));
  }

  /** Ends a run, if it is here. */
  end(id: string, why: Error): void {
    this.#runs.get(id)?.end(why);
  }

  /** Waits for what runs, and ends after `milliseconds` what still does. */
  async finish(milliseconds: number): Promise<void> {
    const runs = [...this.#runs.values()];
    if (runs.length === 0) return;
    const over = new AbortController();
    const time = (most: number) => delay(most, undefined, { signal: over.signal }).catch(() => undefined); // nobody waits any more
    const done = Promise.all(runs.map((run) => run.done));
    await Promise.race([done, time(milliseconds)]);
    for (const { end } of this.#runs.values()) end(stopping());
    await Promise.race([done, time(TO_NOTE)]);
    over.abort();
  }
}

function stopping(): GatewayError {
  const message = 'the gateway stopped before the call was answered; whether it took effect is not known';
  return new GatewayError(
    'shutting_down',
    message,
    'Find out what the call has done before it is made again.',
  );
}
