import {
  describeThrown,
  inTurns,
  RegateError,
  type Revision,
  type VerifiedDataBundle,
} from '../domain/index.js';
import type { Activate } from './assembly.js';
import type { BundleEvent, BundleSource } from './bundle-event.js';
import { checkBundleName } from './bundle-name.js';
import { BundleError, type BundleErrorCode, IncompleteError } from './error.js';
import { isPast, mustNotBeExpired, watchExpiry } from './expiry.js';
import type { Failures, FallBackWatch } from './fall-back.js';
import { type KeptBundle, openKeptBundle } from './kept-bundle.js';
import { fellBackError, mustBeNext, mustHaveSerial } from './serial.js';
import { openSerialMark, type SerialMark } from './serial-mark.js';
import type { Trust } from './signature.js';
import { type BundleTrust, digestOf } from './verification.js';

/** Which bundles may be in force under a name, and how one is put in force. */
export interface InForceOptions<Bundle> {
  readonly bundle: string;
  readonly trust: Trust;
  /** Folder in which the last good bundle is kept for a start without the server, and the highest serial. */
  readonly directory: string;
  /** Whether even the first bundle must have a serial; once one had, all must. */
  readonly requireSerial: boolean;
  readonly activate: Activate<Bundle>;
  /** Watches each bundle that has just come; without it there is no way back to the one before. */
  readonly watch?: FallBackWatch;
  readonly report: (event: BundleEvent) => void;
}

/** What of a bundle's status is known without the server. */
export interface InForceStatus {
  /** What is in force; missing while nothing is. */
  readonly revision?: Revision;
  /** Of what is in force, where it has one. */
  readonly serial?: number;
  /** What is wrong now, in words; missing while nothing is. */
  readonly lastError?: string;
  readonly errorCode?: BundleErrorCode;
  /** When what is in force expires; missing where that never does. */
  readonly expiry?: { readonly at: string; readonly isPast: boolean };
  /** RFC 3339, UTC. */
  readonly lastSuccessfulActivation?: string;
  /** What is in force is the bundle before this one, by which decisions failed. */
  readonly fellBackFrom?: Revision;
}

/**
 * What became of a bundle: it was put in force, was so already, waits for others, must never be put in force, or could
 * not be now.
 */
export type Taken = 'activated' | 'same' | 'waiting' | 'refused' | 'failed';

/** A bundle that is, was, or may be in force; of what it holds, only the archive is kept. */
interface Held {
  readonly archive: Buffer;
  readonly bundle: Pick<VerifiedDataBundle, 'revision' | 'serial' | 'expires' | 'rollbackTo'>;
  readonly etag: string | undefined;
  readonly source: BundleSource;
  /** It is in force in place of this one. */
  readonly fellBackFrom?: Revision;
}

/** ETags of what need not be downloaded. */
export interface KnownTags {
  readonly active: string | undefined;
  readonly refused: string | undefined;
}

/** The last bundle that was refused, or waits; its ETag where trying again is of no use. */
interface Refusal {
  readonly digest: string;
  readonly etag: string | undefined;
  readonly code: BundleErrorCode;
  readonly message: string;
}

/** The bundle in force under one name: takes the next one, falls back to the one before. */
export class BundleInForce<Bundle extends VerifiedDataBundle> {
  readonly #options: InForceOptions<Bundle>;
  readonly #verify: (archive: Buffer, trust: BundleTrust) => Promise<Bundle>;
  readonly #kept: KeptBundle;
  readonly #mark: SerialMark;
  #active: Held | undefined;
  /** What was in force before, to fall back to. */
  #before: Held | undefined;
  #refusal: Refusal | undefined;
  #notKept: string | undefined;
  #lastSuccessfulActivation: string | undefined;
  #endExpiryWatch: (() => void) | undefined;
  readonly #inTurn = inTurns();
  #isClosed = false;

  /** @throws BundleError `name_invalid` */
  constructor(
    options: InForceOptions<Bundle>,
    verify: (archive: Buffer, trust: BundleTrust) => Promise<Bundle>,
  ) {
    this.#options = options;
    this.#verify = verify;
    const name = checkBundleName(options.bundle);
    this.#kept = openKeptBundle(options.directory, name);
    this.#mark = openSerialMark(options.directory, name);
  }

  get known(): KnownTags {
    return { active: this.#active?.etag, refused: this.#refusal?.etag };
  }

  get isAny(): boolean {
    return this.#active !== undefined;
  }

  /** Whether nothing else than what is in force is offered. */
  get isWell(): boolean {
    return this.#refusal === undefined;
  }

  status(): InForceStatus {
    const { revision, serial, expires } = this.#active?.bundle ?? {};
    const { fellBackFrom } = this.#active ?? {};
    const lastError = this.#refusal?.message ?? this.#notKept;
    return {
      ...(revision !== undefined && { revision }),
      ...(serial !== undefined && { serial }),
      ...(lastError !== undefined && { lastError, errorCode: this.#refusal?.code ?? 'storage_invalid' }),
      ...(expires !== undefined && { expiry: { at: expires, isPast: isPast(expires) } }),
      ...(this.#lastSuccessfulActivation !== undefined && {
        lastSuccessfulActivation: this.#lastSuccessfulActivation,
      }),
      ...(fellBackFrom !== undefined && { fellBackFrom }),
    };
  }

  /** Nothing is put in force after this. */
  close(): void {
    this.#isClosed = true;
    this.#endExpiryWatch?.();
    this.#options.watch?.end(this.#options.bundle);
  }

  /** Takes the bundle that is kept on disk, where there is one. */
  async takeKept(): Promise<void> {
    try {
      // Where the mark cannot be read, the bundle is refused for that.
      const { fellBack } = await this.#mark.read().catch(() => ({ fellBack: undefined }));
      const archive = await this.#kept.read(fellBack);
      if (archive !== undefined) await this.#take(archive, 'disk', undefined);
    } catch (thrown) {
      this.#refuse(thrown, { digest: '', etag: undefined }, 'disk');
    }
  }

  /** Takes a bundle that the server has, with its ETag. */
  take(archive: Buffer, etag: string | undefined): Promise<Taken> {
    return this.#inTurn(() => this.#take(archive, 'server', etag));
  }

  /** What the server has was in force when it was asked, and had this ETag. */
  isOffered(etag: string | undefined): void {
    // Meanwhile it may have been fallen back from.
    if (etag === this.#active?.etag) this.#refusal = undefined;
  }

  /**
   * Verify, activate, and keep in the moment before it is in force, so that no crash after that brings back an older
   * one, and a failed activation changes nothing. The ETag that is sent from now on is the active bundle's.
   */
  async #take(archive: Buffer, source: BundleSource, etag: string | undefined): Promise<Taken> {
    const digest = digestOf(archive);
    if (this.#isSame(digest, etag)) return 'same';
    let bundle: Bundle;
    let origin: Pick<Held, 'fellBackFrom'>;
    try {
      bundle = await this.#check(archive, source);
      origin = await this.#origin(digest);
    } catch (thrown) {
      const mayPass = thrown instanceof BundleError && thrown.code === 'mark_invalid';
      this.#refuse(thrown, { digest, etag: mayPass ? undefined : etag }, source);
      return mayPass ? 'failed' : 'refused';
    }
    if (this.#isClosed) return 'refused';
    const held = { archive, bundle: named(bundle), etag, source, ...origin };
    let whyNotKept: string | undefined;
    try {
      await this.#options.activate(bundle, async () => {
        const { serial } = bundle;
        // Another one, which waited, may have come in force since this one was looked at.
        mustBeNext({ serial, digest }, await this.#mark.read());
        if (source === 'server') {
          // It may have waited for others.
          mustNotBeExpired(bundle, `the bundle ${this.#options.bundle}`);
          whyNotKept = await failureOf(this.#kept.keep(archive));
        }
        if (serial !== undefined) await this.#mark.raise({ serial, digest });
      });
    } catch (thrown) {
      if (!(thrown instanceof IncompleteError)) {
        // Unlike a bad signature this may pass, so the ETag is not remembered and the next poll tries again.
        this.#refuse(asBundleError(thrown, notActivated), { digest, etag: undefined }, source);
        return 'failed';
      }
      this.#wait(held, thrown);
      void thrown.inForce.then(() => this.#succeed(held, whyNotKept));
      return 'waiting';
    }
    // Where it waited, as the one that is kept, the others may have come meanwhile.
    if (this.#isSame(digest, etag)) return 'same';
    this.#refusal = undefined;
    this.#succeed(held, whyNotKept);
    return 'activated';
  }

  #isSame(digest: string, etag: string | undefined): boolean {
    if (this.#active?.bundle.revision.digest !== digest) return false;
    this.#active = { ...this.#active, etag };
    this.#refusal = undefined;
    return true;
  }

  /** Whether it is signed, and neither older than what was in force before nor, where it is new, expired. */
  async #check(archive: Buffer, source: BundleSource): Promise<Bundle> {
    const { bundle: name, trust, requireSerial } = this.#options;
    const bundle = await this.#verify(archive, { ...trust, bundle: name });
    const offered = { serial: bundle.serial, digest: bundle.revision.digest };
    if (requireSerial) mustHaveSerial(offered);
    mustBeNext(offered, await this.#mark.read());
    // The last good one, which was in force already, is treated as if the gateway had gone on.
    if (source === 'server') mustNotBeExpired(bundle);
    return bundle;
  }

  async #origin(digest: string): Promise<Pick<Held, 'fellBackFrom'>> {
    const { fellBack } = await this.#mark.read();
    if (fellBack?.to !== digest) return {};
    const { revision, digest: from } = fellBack;
    return { fellBackFrom: { bundle: this.#options.bundle, revision, digest: from } };
  }

  #wait({ bundle: { revision }, etag }: Held, { code, message }: IncompleteError): void {
    const isKnown = this.#refusal?.digest === revision.digest;
    this.#refusal = { digest: revision.digest, etag, code, message };
    if (!isKnown) this.#options.report({ type: 'waiting', revision, message });
  }

  /** It is in force. */
  #succeed(held: Held, whyNotKept: string | undefined): void {
    const { bundle: name, watch, report } = this.#options;
    const { revision, rollbackTo } = held.bundle;
    // Another one may have been refused while this one waited for others.
    if (this.#refusal?.digest === revision.digest) this.#refusal = undefined;
    this.#before = this.#active;
    this.#settle(held);
    const rollback = rollbackTo !== undefined && { rollbackTo };
    report({ type: 'activated', revision, source: held.source, ...rollback });
    this.#noteKept(whyNotKept);
    this.#watchExpiry(held);
    if (this.#before === undefined) watch?.end(name);
    else watch?.begin(name, (seen) => this.#inTurn(() => this.#fallBack(held, seen)));
  }

  /** Answers whether there is no more to do. */
  async #fallBack(from: Held, seen: Failures): Promise<boolean> {
    const to = this.#before;
    const { revision, digest } = from.bundle.revision;
    const isReplaced = this.#active?.bundle.revision.digest !== digest;
    if (this.#isClosed || isReplaced || to === undefined) return true;
    const { activate, bundle: name, trust, report } = this.#options;
    let whyNotKept: string | undefined;
    try {
      const bundle = await this.#verify(to.archive, { ...trust, bundle: name });
      mustNotBeExpired(bundle);
      await activate(bundle, async () => {
        await this.#kept.keepBeside(to.archive);
        await this.#mark.fallBack({ revision, digest, to: bundle.revision.digest });
        whyNotKept = await failureOf(this.#kept.fallBack(to.archive));
      });
    } catch (thrown) {
      const { code, message: why, nextStep } = asBundleError(thrown, notActivated);
      const message = `decisions fail by revision ${revision}, and the bundle before it cannot be put in force: ${why}`;
      report({ type: 'not_fallen_back', code, message, nextStep });
      return code === 'expired';
    }
    // What is offered is the one that was bad, until it is another one.
    const { code, message } = fellBackError(revision);
    this.#refusal = { digest, etag: this.#active?.etag, code, message };
    this.#before = undefined;
    this.#settle({ ...to, etag: undefined, fellBackFrom: from.bundle.revision });
    report({ type: 'fell_back', from: from.bundle.revision, to: to.bundle.revision, ...seen });
    this.#noteKept(whyNotKept);
    this.#watchExpiry(to);
    return true;
  }

  #settle(held: Held): void {
    this.#active = held;
    this.#lastSuccessfulActivation = new Date().toISOString();
  }

  #watchExpiry({ bundle: { revision, expires } }: Held): void {
    this.#endExpiryWatch?.();
    if (expires === undefined) return;
    this.#endExpiryWatch = watchExpiry(expires, (again) =>
      this.#options.report({ type: 'expired', revision, expires, again }),
    );
  }

  #noteKept(whyNot: string | undefined): void {
    this.#notKept = whyNot && `the active bundle could not be kept on disk: ${whyNot}`;
    if (this.#notKept === undefined) return;
    const nextStep = `Make ${this.#options.directory} writable; until then a start without the server has no bundle, or an older one.`;
    this.#options.report({ type: 'not_kept', code: 'storage_invalid', message: this.#notKept, nextStep });
  }

  #refuse(
    thrown: unknown,
    which: { readonly digest: string; readonly etag: string | undefined },
    source: BundleSource,
  ): void {
    const { code, message: why, nextStep } = asBundleError(thrown, notVerified);
    const message = source === 'disk' ? `the bundle kept on disk was refused: ${why}` : why;
    const isKnown = this.#refusal?.digest === which.digest;
    this.#refusal = { ...which, code, message };
    if (!isKnown) this.#options.report({ type: 'refused', code, message, nextStep });
  }
}

function named({ revision, serial, expires, rollbackTo }: VerifiedDataBundle): Held['bundle'] {
  return {
    revision,
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(rollbackTo !== undefined && { rollbackTo }),
  };
}

/** In words why something failed; undefined where it did not. */
async function failureOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    return describeThrown(thrown);
  }
}

function asBundleError(thrown: unknown, otherwise: (thrown: unknown) => BundleError): BundleError {
  return thrown instanceof BundleError ? thrown : otherwise(thrown);
}

export function notVerified(thrown: unknown): BundleError {
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
