import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeThrown, RegateError, type Revision, type VerifiedBundle } from '../domain/index.js';
import { checkBundleName } from './bundle-name.js';
import { type Download, downloadBundle } from './download.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError, type BundleErrorCode } from './error.js';
import { type Poll, pollDelay } from './poll-delay.js';
import type { Trust } from './signature.js';
import { systemErrorCode } from './system-error.js';
import { digestOf, verifyBundle } from './verify.js';

/** What a bundle client tells of; each refusal once for a bundle, an outage once for each reason. */
export type BundleEvent =
  | { readonly type: 'activated'; readonly revision: Revision; readonly source: 'server' | 'disk' }
  /** It was not activated; what was in force before still is. */
  | Explained<'refused'>
  /** It is in force, but a restart without the server would bring back the one before. */
  | Explained<'not_kept'>
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
  /** Folder in which the last good bundle is kept for a start without the server. */
  readonly directory: string;
  readonly poll: Poll;
  /** Puts a bundle in force, or throws and leaves the one before in force. */
  readonly activate: (bundle: VerifiedBundle) => Promise<void>;
  readonly report: (event: BundleEvent) => void;
}

/** Where a client stands. */
export interface BundleStatus {
  /** What is in force; missing while nothing is. */
  readonly revision?: Revision;
  /** What is wrong now, in words; missing while nothing is. */
  readonly lastError?: string;
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

class PollingClient implements BundleClient {
  readonly #options: BundleClientOptions;
  readonly #keptFile: string;
  readonly #closing = new AbortController();
  #active: { readonly revision: Revision; readonly etag: string | undefined } | undefined;
  /** The last bundle that was refused; its ETag where trying again is of no use. */
  #refusal:
    | { readonly digest: string; readonly etag: string | undefined; readonly message: string }
    | undefined;
  #outage: string | undefined;
  #errorsInRow = 0;
  #notKept: string | undefined;
  #lastSuccessfulDownload: string | undefined;

  constructor(options: BundleClientOptions) {
    this.#options = options;
    this.#keptFile = join(options.directory, `${checkBundleName(options.bundle)}.tar.gz`);
  }

  async start(): Promise<void> {
    await this.#takeKept();
    const firstPoll = this.#poll();
    void firstPoll.then(() => this.#pollOn());
    if (this.#active === undefined) await firstPoll;
  }

  close(): void {
    this.#closing.abort();
  }

  status(): BundleStatus {
    const lastError = this.#outage ?? this.#refusal?.message ?? this.#notKept;
    return {
      ...(this.#active !== undefined && { revision: this.#active.revision }),
      ...(lastError !== undefined && { lastError }),
      ...(this.#lastSuccessfulDownload !== undefined && {
        lastSuccessfulDownload: this.#lastSuccessfulDownload,
      }),
    };
  }

  async #pollOn(): Promise<void> {
    while (await this.#waited()) await this.#poll();
  }

  /** False when the client was closed meanwhile. */
  async #waited(): Promise<boolean> {
    try {
      const milliseconds = pollDelay(this.#options.poll, this.#errorsInRow, Math.random());
      await delay(milliseconds, undefined, { signal: this.#closing.signal });
      return true;
    } catch (thrown) {
      if (this.#isClosed) return false;
      throw thrown;
    }
  }

  async #poll(): Promise<void> {
    let download: Download;
    try {
      const known = { active: this.#active?.etag, refused: this.#refusal?.etag };
      download = await downloadBundle(this.#options.url, known, this.#closing.signal);
    } catch (thrown) {
      if (!this.#isClosed) this.#noteOutage(thrown);
      return;
    }
    this.#outage = undefined;
    this.#errorsInRow = 0;
    this.#lastSuccessfulDownload = new Date().toISOString();
    if (download.kind === 'new') await this.#take(download.archive, 'server', download.etag);
    else if (download.kind === 'active') this.#refusal = undefined;
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

  /** Verify, activate, and only then keep. The ETag that is sent from now on is the active bundle's. */
  async #take(archive: Buffer, source: Source, etag: string | undefined): Promise<void> {
    const digest = digestOf(archive);
    if (digest === this.#active?.revision.digest) {
      this.#active = { revision: this.#active.revision, etag };
      this.#refusal = undefined;
      return;
    }
    const { bundle: name, trust, activate, report } = this.#options;
    let bundle: VerifiedBundle;
    try {
      bundle = await verifyBundle(archive, { ...trust, bundle: name });
    } catch (thrown) {
      this.#refuse(thrown, { digest, etag }, source);
      return;
    }
    if (this.#isClosed) return;
    try {
      await activate(bundle);
    } catch (thrown) {
      // Unlike a bad signature this may pass, so the ETag is not remembered and the next poll tries again.
      this.#refuse(notActivated(thrown), { digest, etag: undefined }, source);
      return;
    }
    this.#active = { revision: bundle.revision, etag };
    this.#refusal = undefined;
    report({ type: 'activated', revision: bundle.revision, source });
    if (source === 'server') await this.#keep(archive);
  }

  async #keep(archive: Buffer): Promise<void> {
    try {
      await writeFileDurably(this.#keptFile, archive);
      this.#notKept = undefined;
    } catch (thrown) {
      const message = `the active bundle could not be kept on disk: ${describeThrown(thrown)}`;
      const nextStep = `Make ${this.#options.directory} writable; until then a start without the server uses an older bundle.`;
      this.#notKept = message;
      this.#options.report({ type: 'not_kept', code: 'storage_invalid', message, nextStep });
    }
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
