import { setTimeout as delay } from 'node:timers/promises';
import type { VerifiedBundle, VerifiedDataBundle } from '../domain/index.js';
import {
  BundleInForce,
  type InForceOptions,
  type InForceStatus,
  type KnownTags,
  notVerified,
} from './bundle-in-force.js';
import { type Download, downloadBundle } from './download.js';
import { BundleError } from './error.js';
import { type Poll, type PollsSoFar, pollDelay } from './poll-delay.js';
import type { BundleTrust } from './verification.js';
import { verifyBundle, verifyDataBundle } from './verify.js';

/** How a gateway gets a bundle. */
export interface BundleClientOptions<Bundle extends VerifiedDataBundle = VerifiedBundle>
  extends InForceOptions<Bundle> {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  readonly poll: Poll;
}

/** Where a client stands. Times are RFC 3339, UTC. */
export interface BundleStatus extends InForceStatus {
  /** When the server was last asked. */
  readonly lastRequest?: string;
  /** When it last answered with a bundle or with "not changed". */
  readonly lastSuccessfulRequest?: string;
  /** When it last answered with a bundle. */
  readonly lastSuccessfulDownload?: string;
}

export interface BundleClient {
  /**
   * Activates the bundle kept on disk, verified anew, and begins to poll. Returns once a bundle is in force or the
   * first poll is over; whatever goes wrong is reported, never thrown.
   */
  start(): Promise<void>;
  /** Ends the polling; nothing is activated after this. */
  close(): void;
  status(): BundleStatus;
}

/** Makes a client for a policy bundle; it does nothing before `start`. @throws BundleError `name_invalid` */
export function createBundleClient(options: BundleClientOptions): BundleClient {
  return new PollingClient(options, verifyBundle);
}

/** Makes a client for a bundle of nothing but data. @throws BundleError `name_invalid` */
export function createDataBundleClient(options: BundleClientOptions<VerifiedDataBundle>): BundleClient {
  return new PollingClient(options, verifyDataBundle);
}

class PollingClient<Bundle extends VerifiedDataBundle> implements BundleClient {
  readonly #options: BundleClientOptions<Bundle>;
  readonly #inForce: BundleInForce<Bundle>;
  readonly #closing = new AbortController();
  #outage: BundleError | undefined;
  #errorsInRow = 0;
  /** Whether the server said so with the last bundle; before the first one it is not asked to wait. */
  #knowsLongPolling = false;
  #times: Pick<BundleStatus, 'lastRequest' | 'lastSuccessfulRequest' | 'lastSuccessfulDownload'> = {};

  constructor(
    options: BundleClientOptions<Bundle>,
    verify: (archive: Buffer, trust: BundleTrust) => Promise<Bundle>,
  ) {
    this.#options = options;
    this.#inForce = new BundleInForce(options, verify);
  }

  async start(): Promise<void> {
    await this.#inForce.takeKept();
    const firstPoll = this.#timedPoll();
    void firstPoll.then((polls) => this.#pollOn(polls));
    if (!this.#inForce.isAny) await firstPoll;
  }

  close(): void {
    this.#closing.abort();
    this.#inForce.close();
  }

  status(): BundleStatus {
    return {
      ...this.#inForce.status(),
      ...(this.#outage !== undefined && { lastError: this.#outage.message, errorCode: this.#outage.code }),
      ...this.#times,
    };
  }

  async #pollOn(firstPoll: PollsSoFar): Promise<void> {
    let polls = firstPoll;
    while (await this.#paused(polls)) polls = await this.#timedPoll();
  }

  async #timedPoll(): Promise<PollsSoFar> {
    const didWait = this.#waitSeconds > 0;
    const began = performance.now();
    const isChanged = await this.#poll();
    return {
      errorsInRow: this.#errorsInRow,
      willWait: this.#waitSeconds > 0,
      waitedInVain: didWait && !isChanged,
      tookMilliseconds: performance.now() - began,
    };
  }

  /**
   * For how long the server may keep the next poll waiting. It may not while something is wrong, of whose end we
   * would learn only when it is over.
   */
  get #waitSeconds(): number {
    const { isWell, known } = this.#inForce;
    const mayWait =
      this.#outage === undefined && isWell && this.#knowsLongPolling && known.active !== undefined;
    return mayWait ? this.#options.poll.longPollingSeconds : 0;
  }

  /** False when the client was closed meanwhile. */
  async #paused(polls: PollsSoFar): Promise<boolean> {
    try {
      const milliseconds = pollDelay(this.#options.poll, polls, Math.random());
      await delay(milliseconds, undefined, { signal: this.#closing.signal });
      return true;
    } catch (thrown) {
      if (this.#isClosed) return false;
      throw thrown;
    }
  }

  /** Whether another bundle is in force than before. */
  async #poll(): Promise<boolean> {
    const { known } = this.#inForce;
    const download = await this.#download(known);
    if (download === undefined) return false;
    this.#outage = undefined;
    const now = new Date().toISOString();
    this.#times = { ...this.#times, lastSuccessfulRequest: now };
    if (download.kind !== 'new') {
      this.#errorsInRow = 0;
      if (download.kind === 'active') this.#inForce.isOffered(known.active);
      return false;
    }
    this.#times = { ...this.#times, lastSuccessfulDownload: now };
    this.#knowsLongPolling = download.longPolling;
    const taken = await this.#inForce.take(download.archive, download.etag);
    this.#errorsInRow = taken === 'failed' ? this.#errorsInRow + 1 : 0;
    return taken === 'activated';
  }

  /** Undefined where there was no answer to use. */
  async #download(known: KnownTags): Promise<Download | undefined> {
    this.#times = { ...this.#times, lastRequest: new Date().toISOString() };
    try {
      return await downloadBundle({
        url: this.#options.url,
        known,
        waitSeconds: this.#waitSeconds,
        closing: this.#closing.signal,
      });
    } catch (thrown) {
      if (!this.#isClosed) this.#noteOutage(thrown instanceof BundleError ? thrown : notVerified(thrown));
      return undefined;
    }
  }

  #noteOutage(error: BundleError): void {
    const { code, message, nextStep } = error;
    const isKnown = this.#outage?.message === message;
    this.#outage = error;
    this.#errorsInRow += 1;
    if (isKnown) return;
    if (code === 'unreachable') this.#options.report({ type: 'unreachable', message });
    else this.#options.report({ type: 'refused', code, message, nextStep });
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}
