import type { Principal, Revocation } from '../../domain/index.js';
import { RevocationFiles } from './files.js';
import type { KeptRevocation } from './store.js';

/** A revocation of a principal's credential; undefined where there is none. */
export type FindRevocation = (principal: Principal) => Revocation | undefined;

/** Hears of revocations in the moment in which they come in force: `find` finds those that are new. */
export type RevocationListener = (find: FindRevocation) => void;

/**
 * All revocations in force in this process: those of the store and those of the bundle. What is over by the wall clock
 * matches nobody, whether it was noticed or not.
 */
export class Revocations {
  readonly #files = new RevocationFiles();
  readonly #kept = new Map<string, KeptRevocation>();
  readonly #ofBundle = new Map<string, Revocation>();
  readonly #listeners: RevocationListener[] = [];
  readonly #now: () => number;

  /** @param now - milliseconds since 1970-01-01T00:00:00Z */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A revocation of a principal's credential; undefined where there is none. */
  find(principal: Principal): Revocation | undefined {
    return this.#files.find(principal, this.#now());
  }

  /**
   * One that revokes all of a principal's credentials, whatever they say of themselves: for what was kept of a principal
   * without its credential.
   *
   * @param id - the principal's
   */
  findById(id: string): Revocation | undefined {
    for (const revocation of this.all()) {
      const { issuer, subject, client_id, token_id, claims } = revocation.match;
      const isNarrower = [client_id, token_id, claims].some((part) => part !== undefined);
      if (!isNarrower && `${issuer}|${subject}` === id) return revocation;
    }
    return undefined;
  }

  /** The revocation of that id that the store has. */
  kept(id: string): KeptRevocation | undefined {
    return this.#kept.get(id);
  }

  /** The revocation of that id that the bundle has. */
  ofBundle(id: string): Revocation | undefined {
    return this.#ofBundle.get(id);
  }

  /** Those of the bundle, then those of the store in the order in which they were made. */
  *all(): Iterable<Revocation | KeptRevocation> {
    for (const all of [this.#ofBundle, this.#kept])
      for (const revocation of all.values()) if (!this.#isOver(revocation)) yield revocation;
  }

  /** Calls a listener from now on. What it does before it returns, no request can come between. */
  onChange(listener: RevocationListener): void {
    this.#listeners.push(listener);
  }

  /** Takes over what changed in the store. */
  keep(changes: { readonly made: readonly KeptRevocation[]; readonly lifted: readonly string[] }): void {
    for (const id of changes.lifted) this.#drop(this.#kept, id);
    const added = changes.made.filter((revocation) => !this.#kept.has(revocation.id));
    this.#add(this.#kept, added);
  }

  /** Takes over what a bundle that comes in force says, in place of what the one before said. */
  replaceBundle(revocations: readonly Revocation[]): void {
    const added = this.newIn(revocations);
    const named = new Set(revocations.map(({ id }) => id));
    for (const id of [...this.#ofBundle.keys()]) if (!named.has(id)) this.#drop(this.#ofBundle, id);
    for (const { id } of added) this.#drop(this.#ofBundle, id);
    this.#add(this.#ofBundle, added);
  }

  /** Which of a bundle's revocations would come in force with it. */
  newIn(revocations: readonly Revocation[]): Revocation[] {
    return revocations.filter((revocation) => {
      const before = this.#ofBundle.get(revocation.id);
      return !this.#isOver(revocation) && (before === undefined || !isSame(before, revocation));
    });
  }

  /** Forgets those that are over. */
  forgetExpired(): void {
    for (const revocation of this.#files.expired(this.#now())) {
      this.#files.remove(revocation);
      for (const all of [this.#ofBundle, this.#kept])
        if (all.get(revocation.id) === revocation) all.delete(revocation.id);
    }
  }

  #isOver({ expires_at }: Revocation): boolean {
    return expires_at !== undefined && Date.parse(expires_at) <= this.#now();
  }

  #add<Each extends Revocation>(to: Map<string, Each>, added: readonly Each[]): void {
    for (const revocation of added) {
      to.set(revocation.id, revocation);
      this.#files.add(revocation);
    }
    if (added.length === 0) return;
    const files = new RevocationFiles();
    for (const revocation of added) files.add(revocation);
    const find = (principal: Principal) => files.find(principal, this.#now());
    for (const listener of this.#listeners) listener(find);
  }

  #drop<Each extends Revocation>(from: Map<string, Each>, id: string): void {
    const revocation = from.get(id);
    if (revocation === undefined) return;
    from.delete(id);
    this.#files.remove(revocation);
  }
}

/** Both have their members in the order of one reader. */
function isSame(a: Revocation, b: Revocation): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
