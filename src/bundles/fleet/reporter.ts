import { shapeCheck, withinTime } from '../../domain/index.js';
import { readBounded } from '../bounded-body.js';
import { describeFailure } from '../download.js';
import { parseOrUndefined } from '../json-text.js';
import { bearer } from './bearer.js';
import { type BundleReport, type Reporting, statusUpdateOf } from './status-update.js';

/** What a reporter needs. */
export interface StatusReporterOptions extends Reporting {
  /** The server; reports go to `/status` below it. */
  readonly url: string;
  /** The gateway's own bearer token; asked for each report. */
  readonly token: () => Promise<string>;
  /** Where its bundles stand now. */
  readonly status: () => readonly BundleReport[];
  /** Hears once of each kind of failure, until reports arrive again; a winston logger fits. */
  readonly log: {
    info(message: string, details: object): unknown;
    warn(message: string, details: object): unknown;
  };
}

/** Tells a server where this gateway's bundles stand. Nothing of it is ever thrown into the gateway. */
export interface StatusReporter {
  /** Reports now, and from now on at intervals. */
  start(): void;
  /** Something changed that is to be told at once. Nothing happens before `start`. */
  changed(): void;
  /** Nothing is reported any more; what is under way is broken off. */
  close(): void;
}

const TIMEOUT_MILLISECONDS = 10_000;
const ANSWER_BYTES = 64 * 1024;
/** Between the beginnings of two reports: changes mostly come several at once. */
const APART_MILLISECONDS = 100;
const FIRST_RETRY_MILLISECONDS = 100;
const RETRY_FACTOR = 1.6;

/** Makes a reporter. Its timers keep no process alive. */
export function createStatusReporter(options: StatusReporterOptions): StatusReporter {
  return new PostingReporter(options);
}

class PostingReporter implements StatusReporter {
  readonly #options: StatusReporterOptions;
  readonly #closing = new AbortController();
  #state: 'new' | 'waiting' | 'posting' = 'new';
  #timer: NodeJS.Timeout | undefined;
  #began = 0;
  #changedMeanwhile = false;
  #failuresInRow = 0;
  /** Kinds of failure that were logged since a report last arrived. */
  readonly #known = new Set<string>();

  constructor(options: StatusReporterOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state === 'new') this.#wait(0);
  }

  changed(): void {
    if (this.#state === 'posting') this.#changedMeanwhile = true;
    // While reports don't arrive, the next one comes when it is due: it will tell of this too.
    else if (this.#state === 'waiting' && this.#failuresInRow === 0) this.#wait(this.#untilApart());
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    if (this.#closing.signal.aborted) return;
    this.#state = 'waiting';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#post(), milliseconds).unref();
  }

  async #post(): Promise<void> {
    this.#state = 'posting';
    this.#began = performance.now();
    this.#changedMeanwhile = false;
    try {
      const failure = await withinTime(TIMEOUT_MILLISECONDS, this.#closing.signal, (signal) =>
        this.#send(signal),
      );
      if (failure === undefined) this.#noteArrival();
      else this.#noteFailure(failure, failure);
    } catch (thrown) {
      this.#noteFailure('unreachable', describeFailure(thrown));
    }
    this.#wait(this.#pause());
  }

  /** Answers why it was not taken; undefined where it was. */
  async #send(signal: AbortSignal): Promise<string | undefined> {
    const { url, token, status } = this.#options;
    const response = await fetch(`${url.replace(/\/$/, '')}/status`, {
      method: 'POST',
      headers: { Authorization: bearer(await token()), 'Content-Type': 'application/json' },
      body: JSON.stringify(statusUpdateOf(this.#options, status())),
      // The token goes nowhere else.
      redirect: 'manual',
      signal,
    });
    const answer = String(await readBounded(response.body, ANSWER_BYTES));
    return response.ok ? undefined : `status ${response.status}${codeIn(answer)}`;
  }

  #noteArrival(): void {
    this.#failuresInRow = 0;
    if (this.#known.size === 0) return;
    this.#known.clear();
    this.#options.log.info("this gateway's reports arrive again", { url: this.#options.url });
  }

  #noteFailure(kind: string, detail: string): void {
    this.#failuresInRow += 1;
    if (this.#closing.signal.aborted || this.#known.has(kind)) return;
    this.#known.add(kind);
    this.#options.log.warn("this gateway's reports do not arrive", { url: this.#options.url, detail });
  }

  #pause(): number {
    const { intervalMilliseconds } = this.#options;
    if (this.#failuresInRow > 0) {
      const retry = FIRST_RETRY_MILLISECONDS * RETRY_FACTOR ** (this.#failuresInRow - 1);
      return Math.min(intervalMilliseconds, retry);
    }
    return this.#changedMeanwhile ? this.#untilApart() : intervalMilliseconds;
  }

  #untilApart(): number {
    return Math.max(0, this.#began + APART_MILLISECONDS - performance.now());
  }
}

const isRefusal = shapeCheck<{ error: { code: string } }>({
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code'],
      properties: { code: { type: 'string', pattern: '^[a-z_]{1,64}$' } },
    },
  },
});

/** Of an answer only the code is told: what else stands in it may repeat what was sent. */
function codeIn(answer: string): string {
  const parsed = parseOrUndefined(answer);
  return isRefusal(parsed) ? ` [${parsed.error.code}]` : '';
}
