import { randomBytes } from 'node:crypto';
import {
  type AuditReceipt,
  describeThrown,
  inTurns,
  type Principal,
  type Revocation,
  type RevocationEvent,
} from '../../domain/index.js';
import { revocationError } from './errors.js';
import type { Revocations } from './revocations.js';
import type { KeptRevocation, RevocationChange, RevocationStore } from './store.js';

/** How soon what another gateway of the same store did is known here. */
const POLL_MILLISECONDS = 1_000;
/** For so long what is known counts although the store cannot be read; then nobody is let in. */
const STALE_MILLISECONDS = 30_000;
/** How often what is over is taken out of the store. */
const TIDY_MILLISECONDS = 60_000;
/** How many changes are read at once. */
const PAGE = 1_000;
/** More than anybody makes one by one; each is looked at by all gateways, and kept in memory. */
const MOST = 100_000;
/** Characters of base32: 80 bits. */
const ID_LENGTH = 16;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export interface RevocationDeskOptions {
  readonly store: RevocationStore;
  /** Makes an event durable; its rejection is passed on, and what it speaks of does not happen. */
  readonly record: (event: RevocationEvent) => Promise<AuditReceipt>;
  readonly revocations: Revocations;
  readonly log: RevocationLog;
  /** Milliseconds since 1970-01-01T00:00:00Z; `Date.now` where undefined. */
  readonly now?: () => number;
}

/** What is said to operators about the store. */
export interface RevocationLog {
  info(message: string): unknown;
  error(message: string, details: { readonly detail: string }): unknown;
}

/** Whose revocation it is, and what it is called; a name is made where there is none. */
export type NewRevocation = Omit<Revocation, 'id'> & { readonly id?: string; readonly made_by: string };

/** Where revocations are made and lifted. Each is recorded before anything of it happens. */
export interface RevocationDesk {
  /** What is in force, of this desk and of bundles. */
  readonly revocations: Revocations;
  /**
   * Revokes. It is in force in this gateway when this resolves, and in others of the same store about a second later.
   *
   * @returns also whether it is new; else it was made before, by the same id
   * @throws RevocationError `too_many`; what the store and the audit throw
   */
  revoke(
    revocation: NewRevocation,
  ): Promise<{ readonly revocation: KeptRevocation; readonly isNew: boolean }>;
  /**
   * Ends a revocation; one that was lifted before stays so.
   *
   * @throws RevocationError `not_found`, `of_bundle`; what the store and the audit throw
   */
  lift(id: string, actor: string): Promise<KeptRevocation>;
  /**
   * Puts a bundle's revocations in force, in place of those of the bundle before.
   *
   * @param beforeLive - what has to be done when they are recorded, and before they are in force
   * @throws what the audit and `beforeLive` throw, and then nothing changed
   */
  replaceBundle(revocations: readonly Revocation[], beforeLive: () => Promise<void>): Promise<void>;
  /** @throws RevocationError `revocations_unavailable` where it cannot be known */
  isRevoked(principal: Principal): boolean;
  /** @throws RevocationError `revocations_unavailable` before the store was read, and when it was not for too long */
  mustBeCurrent(): void;
  /** Reads the store, now and each second, until it is closed; what fails is logged, and tried again. */
  start(): Promise<void>;
  close(): void;
}

export function createRevocationDesk(options: RevocationDeskOptions): RevocationDesk {
  return new Desk(options);
}

class Desk implements RevocationDesk {
  readonly revocations: Revocations;
  readonly #store: RevocationStore;
  readonly #record: RevocationDeskOptions['record'];
  readonly #log: RevocationLog;
  readonly #now: () => number;
  readonly #writing = inTurns();
  readonly #reading = inTurns();
  /** The number of the last change that was taken over. */
  #number = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #tidiedAt = Number.NEGATIVE_INFINITY;
  #isTidying = false;
  #isFailing = false;
  #hasBundle = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ store, record, revocations, log, now = Date.now }: RevocationDeskOptions) {
    this.#store = store;
    this.#record = record;
    this.revocations = revocations;
    this.#log = log;
    this.#now = now;
  }

  revoke({ id = newId(), made_by, ...revoked }: NewRevocation) {
    return this.#writing(async () => {
      const made_at = new Date(this.#now()).toISOString();
      const revocation = { id, ...revoked, made_by, made_at };
      const before = await this.#store.find(id);
      if (before !== undefined) return { revocation: before.revocation, isNew: false };
      await this.#record(revocationEvent('applied', revocation, made_by));
      const outcome = await this.#store.add(revocation, MOST);
      if (outcome === 'full') throw revocationError('too_many', `there are ${MOST} revocations already`);
      await this.#read();
      return { revocation, isNew: outcome === 'kept' };
    });
  }

  lift(id: string, actor: string): Promise<KeptRevocation> {
    return this.#writing(async () => {
      if (this.revocations.ofBundle(id) !== undefined)
        throw revocationError('of_bundle', `the revocation ${id} stands in a bundle`);
      const found = await this.#store.find(id);
      if (found === undefined) throw revocationError('not_found', 'there is no revocation of that id');
      if (found.became === 'made') {
        await this.#record(revocationEvent('lifted', found.revocation, actor));
        await this.#store.lift(id, new Date(this.#now()).toISOString());
        await this.#read();
      }
      return found.revocation;
    });
  }

  async replaceBundle(revocations: readonly Revocation[], beforeLive: () => Promise<void>): Promise<void> {
    // What is there from the start is told by the activation of its bundle, again at each start.
    const added = this.#hasBundle ? this.revocations.newIn(revocations) : [];
    for (let at = 0; at < added.length; at += PAGE) {
      const page = added.slice(at, at + PAGE);
      await Promise.all(page.map((revocation) => this.#record(revocationEvent('applied', revocation))));
    }
    await beforeLive();
    this.#hasBundle = true;
    this.revocations.replaceBundle(revocations);
  }

  isRevoked(principal: Principal): boolean {
    this.mustBeCurrent();
    return this.revocations.find(principal) !== undefined;
  }

  mustBeCurrent(): void {
    if (this.#now() - this.#readAt <= STALE_MILLISECONDS) return;
    throw revocationError('revocations_unavailable', 'it is not known which credentials are revoked');
  }

  async start(): Promise<void> {
    await this.#follow();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #follow(): Promise<void> {
    try {
      await this.#read();
      this.#tidy();
      if (this.#isFailing) this.#log.info('revocations can be read again');
      this.#isFailing = false;
    } catch (thrown) {
      if (!this.#isFailing)
        this.#log.error('revocations cannot be read; those that are known stay in force', {
          detail: describeThrown(thrown),
        });
      this.#isFailing = true;
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#follow(), POLL_MILLISECONDS).unref();
  }

  /** Takes over what changed in the store since it was read last. */
  #read(): Promise<void> {
    return this.#reading(async () => {
      for (;;) {
        const changes = await this.#store.since(this.#number, PAGE);
        this.#take(changes);
        if (changes.length < PAGE) break;
      }
      this.#readAt = this.#now();
    });
  }

  #take(changes: readonly RevocationChange[]): void {
    this.#number = changes.at(-1)?.number ?? this.#number;
    const made = changes.flatMap(({ became, revocation }) => (became === 'made' ? [revocation] : []));
    const lifted = changes.flatMap(({ became, revocation }) => (became === 'lifted' ? [revocation.id] : []));
    this.revocations.keep({ made, lifted });
  }

  /** Reading does not wait for it: there may be very many that are over at once. */
  #tidy(): void {
    const now = this.#now();
    if (this.#isTidying || now - this.#tidiedAt < TIDY_MILLISECONDS) return;
    this.#tidiedAt = now;
    this.#isTidying = true;
    this.revocations.forgetExpired();
    this.#forgetExpired(new Date(now).toISOString())
      .catch((thrown: unknown) =>
        this.#log.error('revocations that are over could not all be taken out', {
          detail: describeThrown(thrown),
        }),
      )
      .finally(() => {
        this.#isTidying = false;
      });
  }

  /** Of all gateways of the store one takes out what is over, and records it. */
  async #forgetExpired(now: string): Promise<void> {
    for (let over = PAGE; over === PAGE && !this.#closed; ) {
      const forgotten = await this.#store.forgetExpired(now, PAGE);
      const expired = forgotten.filter(({ became }) => became === 'made');
      await Promise.all(
        expired.map(({ revocation }) => this.#record(revocationEvent('expired', revocation))),
      );
      over = forgotten.length;
    }
  }
}

/** The event that says what became of a revocation. */
export function revocationEvent(
  action: RevocationEvent['action'],
  { id, match, source, reason }: Revocation,
  actor?: string,
): RevocationEvent {
  return {
    type: 'revocation',
    action,
    source,
    revocation_id: id,
    match,
    ...(actor !== undefined && { actor }),
    reason,
  };
}

function newId(): string {
  return `rev_${Array.from(randomBytes(ID_LENGTH), (byte) => BASE32[byte % BASE32.length]).join('')}`;
}
