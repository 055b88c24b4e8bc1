import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeThrown, RegateError, type Revision, type VerifiedBundle } from '../domain/index.js';
import { checkBundleName } from './bundle-name.js';
import { type Download, downloadBundle } from './download.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError, type BundleErrorCode } from './error.js';
import { isPast, mustNotBeExpired, watchExpiry } from './expiry.js';
import { type Poll, type PollsSoFar, pollDelay } from './poll-delay.js';
import { mustHaveSerial, mustNotGoBack } from './serial.js';
import { openSerialMark, type SerialMark } from './serial-mark.js';
import type { Trust } from './signature.js';
import { systemErrorCode } from './system-error.js';
import { digestOf, verifyBundle } from './verify.js';

/** What a bundle client tells of; each refusal once for a bundle, an outage once for each reason. */
export type BundleEvent =
  | {
      readonly type: 'activated';
      readonly revision: Revision;
      readonly source: 'server' | 'disk';
      /** It is an older one, signed anew: the revision that it goes back to. */
      readonly rollbackTo?: string;
    }
  /** It was not activated; what was in force before still is. */
  | Explained<'refused'>
  /** It is in force, but a restart without the server would bring back the one before. */
  | Explained<'not_kept'>
  /** It is past its expiry and still in force; told when that comes, and then `again` every minute. */
  | {
      readonly type: 'expired';
      readonly revision: Revision;
      readonly expires: string;
      readonly again: boolean;
    }
  | { readonly type: 'unreachable'; readonly message: string };

interface Explained<Type extends string> {
  readonly type: Type;
  readonly code: BundleErrorCode;
  readonly message: string;
  readonly nextStep: string;
}

/** How a gateway gets its bundle. */
export interface BundleClientOptions {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  readonly bundle: string;
  readonly trust: Trust;
  /** Folder in which the last good bundle is kept for a start without the server, and the highest serial. */
  readonly directory: string;
  readonly poll: Poll;
  /** Whether even the first bundle must have a serial; once one had, all must. */
  readonly requireSerial: boolean;
  /**
   * Puts a bundle in force, or throws and leaves the one before in force. It waits for `beforeLive` when nothing else
   * can fail any more, and throws what that throws.
   */
  readonly activate: (bundle: VerifiedBundle, beforeLive: () => Promise<void>) => Promise<void>;
  readonly report: (event: BundleEvent) => void;
}

/** Where a client stands. */
export interface BundleStatus {
  /** What is in force; missing while nothing is. */
  readonly revision?: Revision;
  /** What is wrong now, in words; missing while nothing is. */
  readonly lastError?: string;
  /** When what is in force expires; missing where that never does. */
  readonly expiry?: { readonly at: string; readonly isPast: boolean };
  /** When the server last answered with a bundle or with "not changed"; RFC 3339, UTC. */
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

/** Makes a client for one bundle; it does nothing before `start`. @throws BundleError `name_invalid` */
export function createBundleClient(options: BundleClientOptions): BundleClient {
  return new PollingClient(options);
}

type Source = 'server' | 'disk';
/** What became of a bundle: it was put in force, was so already, must never be, or could not be now. */
type Taken = 'activated' | 'same' | 'refused' | 'failed';

class PollingClient implements BundleClient {
  readonly #options: BundleClientOptions;
  readonly #keptFile: string;
  readonly #mark: SerialMark;
  readonly #closing = new AbortController();
  #active: { readonly revision: Revision; readonly etag: string | undefined } | undefined;
  /** The last bundle that was refused; its ETag where trying again is of no use. */
  #refusal:
    | { readonly digest: string; readonly etag: string | undefined; readonly message: string }
    | undefined;
  #outage: string | undefined;
  #errorsInRow = 0;
  /** Whether the server said so with the last bundle; before the first one it is not asked to wait. */
  #knowsLongPolling = false;
  #notKept: string | undefined;
  #expires: string | undefined;
  #endExpiryWatch: (() => void) | undefined;
  #lastSuccessfulDownload: string | undefined;

  constructor(options: BundleClientOptions) {
    this.#options = options;
    this.#keptFile = join(options.directory, `${checkBundleName(options.bundle)}.tar.gz`);
    this.#mark = openSerialMark(options.directory, options.bundle);
  }

  async start(): Promise<void> {
    await this.#takeKept();
    const firstPoll = this.#timedPoll();
    void firstPoll.then((polls) => this.#pollOn(polls));
    if (this.#active === undefined) await firstPoll;
  }

  close(): void {
    this.#closing.abort();
    this.#endExpiryWatch?.();
  }

  status(): BundleStatus {
    const lastError = this.#outage ?? this.#refusal?.message ?? this.#notKept;
    return {
      ...(this.#active !== undefined && { revision: this.#active.revision }),
      ...(lastError !== undefined && { lastError }),
      ...(this.#expires !== undefined && { expiry: { at: this.#expires, isPast: isPast(this.#expires) } }),
      ...(this.#lastSuccessfulDownload !== undefined && {
        lastSuccessfulDownload: this.#lastSuccessfulDownload,
      }),
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
    const isWell = this.#outage === undefined && this.#refusal === undefined;
    const mayWait = isWell && this.#knowsLongPolling && this.#active?.etag !== undefined;
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
    const download = await this.#download();
    if (download === undefined) return false;
    this.#outage = undefined;
    this.#lastSuccessfulDownload = new Date().toISOString();
    if (download.kind !== 'new') {
      this.#errorsInRow = 0;
      if (download.kind === 'active') this.#refusal = undefined;
      return false;
    }
    this.#knowsLongPolling = download.longPolling;
    const taken = await this.#take(download.archive, 'server', download.etag);
    this.#errorsInRow = taken === 'failed' ? this.#errorsInRow + 1 : 0;
    return taken === 'activated';
  }

  /** Undefined where there was no answer to use. */
  async #download(): Promise<Download | undefined> {
    try {
      return await downloadBundle({
        url: this.#options.url,
        known: { active: this.#active?.etag, refused: this.#refusal?.etag },
        waitSeconds: this.#waitSeconds,
        closing: this.#closing.signal,
      });
    } catch (thrown) {
      if (!this.#isClosed) this.#noteOutage(thrown);
      return undefined;
    }
  }

  async #takeKept(): Promise<void> {
    let archive: Buffer;
    try {
      archive = await readFile(this.#keptFile);
    } catch (thrown) {
      if (systemErrorCode(thrown) === 'ENOENT') return;
      this.#refuse(notReadable(this.#keptFile, thrown), { digest: '', etag: undefined }, 'disk');
      return;
    }
    await this.#take(archive, 'disk', undefined);
  }

  /**
   * Verify, activate, and keep in the moment before it is in force, so that no crash after that brings back an older
   * one, and a failed activation changes nothing. The ETag that is sent from now on is the active bundle's.
   */
  async #take(archive: Buffer, source: Source, etag: string | undefined): Promise<Taken> {
    const digest = digestOf(archive);
    if (digest === this.#active?.revision.digest) {
      this.#active = { revision: this.#active.revision, etag };
      this.#refusal = undefined;
      return 'same';
    }
    const { activate, report } = this.#options;
    let bundle: VerifiedBundle;
    try {
      bundle = await this.#check(archive, source);
    } catch (thrown) {
      const mayPass = thrown instanceof BundleError && thrown.code === 'mark_invalid';
      this.#refuse(thrown, { digest, etag: mayPass ? undefined : etag }, source);
      return mayPass ? 'failed' : 'refused';
    }
    if (this.#isClosed) return 'refused';
    let whyNotKept: string | undefined;
    try {
      await activate(bundle, async () => {
        if (source === 'server') whyNotKept = await this.#keep(archive);
        const { serial } = bundle;
        if (serial !== undefined) await this.#mark.raise({ serial, digest });
      });
    } catch (thrown) {
      // Unlike a bad signature this may pass, so the ETag is not remembered and the next poll tries again.
      this.#refuse(notActivated(thrown), { digest, etag: undefined }, source);
      return 'failed';
    }
    this.#active = { revision: bundle.revision, etag };
    this.#refusal = undefined;
    const { revision, rollbackTo } = bundle;
    report({ type: 'activated', revision, source, ...(rollbackTo !== undefined && { rollbackTo }) });
    this.#noteKept(whyNotKept);
    this.#watchExpiry(bundle);
    return 'activated';
  }

  /** Whether it is signed, and neither older than what was in force before nor, where it is new, expired. */
  async #check(archive: Buffer, source: Source): Promise<VerifiedBundle> {
    const { bundle: name, trust, requireSerial } = this.#options;
    const bundle = await verifyBundle(archive, { ...trust, bundle: name });
    const offered = { serial: bundle.serial, digest: bundle.revision.digest };
    if (requireSerial) mustHaveSerial(offered);
    mustNotGoBack(offered, await this.#mark.read());
    // The last good one, which was in force already, is treated as if the gateway had gone on.
    if (source === 'server') mustNotBeExpired(bundle);
    return bundle;
  }

  /** Answers why it could not be kept, where it could not. */
  async #keep(archive: Buffer): Promise<string | undefined> {
    try {
      await writeFileDurably(this.#keptFile, archive);
      return undefined;
    } catch (thrown) {
      return describeThrown(thrown);
    }
  }

  #noteKept(whyNot: string | undefined): void {
    this.#notKept = whyNot && `the active bundle could not be kept on disk: ${whyNot}`;
    if (this.#notKept === undefined) return;
    const nextStep = `Make ${this.#options.directory} writable; until then a start without the server has no bundle, or an older one.`;
    this.#options.report({ type: 'not_kept', code: 'storage_invalid', message: this.#notKept, nextStep });
  }

  #watchExpiry({ revision, expires }: VerifiedBundle): void {
    this.#endExpiryWatch?.();
    this.#expires = expires;
    if (expires === undefined) return;
    this.#endExpiryWatch = watchExpiry(expires, (again) =>
      this.#options.report({ type: 'expired', revision, expires, again }),
    );
  }

  #refuse(thrown: unknown, which: { digest: string; etag: string | undefined }, source: Source): void {
    const { code, message: why, nextStep } = asBundleError(thrown);
    const message = source === 'disk' ? `the bundle kept on disk was refused: ${why}` : why;
    const isKnown = this.#refusal?.digest === which.digest;
    this.#refusal = { ...which, message };
    if (!isKnown) this.#options.report({ type: 'refused', code, message, nextStep });
  }

  #noteOutage(thrown: unknown): void {
    const { code, message, nextStep } = asBundleError(thrown);
    const isKnown = this.#outage === message;
    this.#outage = message;
    this.#errorsInRow += 1;
    if (isKnown) return;
    if (code === 'unreachable') this.#options.report({ type: 'unreachable', message });
    else this.#options.report({ type: 'refused', code, message, nextStep });
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

function asBundleError(thrown: unknown): BundleError {
  if (thrown instanceof BundleError) return thrown;
  return new BundleError(
    'archive_invalid',
    `the bundle could not be verified: ${describeThrown(thrown)}`,
    'This is a fault in Regate: report it with the log around it.',
    thrown,
  );
}

function notActivated(thrown: unknown): BundleError {
  return new BundleError(
    'activation_failed',
    `the bundle is signed, but could not be put in force: ${describeThrown(thrown)}`,
    thrown instanceof RegateError ? thrown.nextStep : 'Publish a bundle that was built for this gateway.',
    thrown,
  );
}

function notReadable(path: string, thrown: unknown): BundleError {
  return new BundleError(
    'storage_invalid',
    `${path} cannot be read: ${describeThrown(thrown)}`,
    'Make it readable, or remove it: the next download writes it anew.',
    thrown,
  );
}
