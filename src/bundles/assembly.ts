import {
  type InputPath,
  inTurns,
  type Revision,
  type VerifiedBundle,
  type VerifiedDataBundle,
} from '../domain/index.js';
import { contains } from './data-path.js';
import { BundleError, IncompleteError } from './error.js';
import { mergeData } from './merge-data.js';

/** A policy bundle with the data of all bundles that belong to it. Its revision names them all. */
export type AssembledBundle = Pick<VerifiedBundle, 'revision' | 'wasm' | 'data' | 'reads'>;

/**
 * Puts a bundle in force, or throws and leaves in force what was. It waits for `beforeLive` when nothing else can fail
 * any more, and throws what that throws.
 */
export type Activate<Bundle> = (bundle: Bundle, beforeLive: () => Promise<void>) => Promise<void>;

export interface AssemblyOptions {
  /** The data bundles without which nothing is decided. */
  readonly dataNames: readonly string[];
  /** Puts the whole in force. */
  readonly activate: Activate<AssembledBundle>;
  /** Hears the revision of the whole as soon as it is in force. */
  readonly inForce?: (revision: Revision) => void;
}

/** One policy bundle and any number of data bundles, which come and change each by itself and decide together. */
export interface Assembly {
  /**
   * For the client of the policy bundle.
   *
   * @throws IncompleteError while another is missing; BundleError `roots_overlap`; what putting it in force throws
   */
  readonly activatePolicy: Activate<VerifiedBundle>;
  /** The same for the clients of data bundles. */
  readonly activateData: Activate<VerifiedDataBundle>;
  /** Tells of each data bundle in force, now and when one changes, so that another assembly can have them too. */
  onData(listener: (bundle: VerifiedDataBundle) => void): void;
}

/** A bundle that came. While it waits for others, its `beforeLive` is still to be done. */
interface Part<Bundle extends VerifiedDataBundle = VerifiedDataBundle> {
  readonly bundle: Bundle;
  readonly beforeLive: () => Promise<void>;
  /** Resolves when it is in force, with {@link settle}. */
  readonly inForce: Promise<void>;
  readonly settle: () => void;
  isWaiting: boolean;
}

interface Parts {
  readonly policy: Part<VerifiedBundle> | undefined;
  readonly data: ReadonlyMap<string, Part>;
}

/** Nothing is in force before all have come; then each change puts the whole in force, one change after the other. */
export function createAssembly({ dataNames, activate, inForce }: AssemblyOptions): Assembly {
  const listeners: ((bundle: VerifiedDataBundle) => void)[] = [];
  let parts: Parts = { policy: undefined, data: new Map() };
  const inTurn = inTurns();

  /** @param before what `part`, the one that is new among `next`, replaces */
  async function replace(before: Part | undefined, part: Part, next: Parts): Promise<void> {
    // It came twice while it waited, and is in force by now.
    if (before?.isWaiting === false && isSame(before, part)) return;
    const { policy } = next;
    const data = dataNames.flatMap((name) => next.data.get(name) ?? []);
    const all = policy === undefined ? data : [policy, ...data];
    mustNotOverlap(all.map(({ bundle }) => bundle));
    if (policy === undefined || data.length < dataNames.length) {
      parts = next;
      throw new IncompleteError(missingFrom(next, dataNames), part.inForce);
    }
    const whole = assembled(
      policy.bundle,
      data.map(({ bundle }) => bundle),
    );
    const waiting = all.filter(({ isWaiting }) => isWaiting);
    await activate(whole, async () => {
      for (const { beforeLive } of waiting) await beforeLive();
    });
    parts = next;
    inForce?.(whole.revision);
    for (const part of waiting) {
      part.isWaiting = false;
      part.settle();
      if (part !== policy) for (const listener of listeners) listener(part.bundle);
    }
  }

  return {
    activatePolicy: (bundle, beforeLive) =>
      inTurn(() => {
        const policy = waitingPart(bundle, beforeLive);
        return replace(parts.policy, policy, { ...parts, policy });
      }),
    activateData: (bundle, beforeLive) =>
      inTurn(() => {
        const part = waitingPart(bundle, beforeLive);
        const name = bundle.revision.bundle;
        return replace(parts.data.get(name), part, { ...parts, data: new Map(parts.data).set(name, part) });
      }),
    onData(listener) {
      listeners.push(listener);
      for (const { bundle, isWaiting } of parts.data.values()) if (!isWaiting) listener(bundle);
    },
  };
}

function waitingPart<Bundle extends VerifiedDataBundle>(
  bundle: Bundle,
  beforeLive: () => Promise<void>,
): Part<Bundle> {
  let settle: () => void = () => undefined;
  const inForce = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { bundle, beforeLive, inForce, settle, isWaiting: true };
}

function isSame(a: Part, b: Part): boolean {
  return a.bundle.revision.digest === b.bundle.revision.digest;
}

function missingFrom({ policy, data }: Parts, dataNames: readonly string[]): string {
  const missing = dataNames.filter((name) => !data.has(name)).map((name) => `the data bundle ${name}`);
  return [...(policy === undefined ? ['the policy bundle'] : []), ...missing].join(' and ');
}

/** Without data bundles it is the policy bundle as it is. */
function assembled(policy: VerifiedBundle, data: readonly VerifiedDataBundle[]): AssembledBundle {
  const { revision, wasm, reads } = policy;
  const whole = { wasm, ...(reads !== undefined && { reads }) };
  if (data.length === 0) return { ...whole, revision, data: policy.data };
  const revisions = data.map((bundle) => bundle.revision).sort((a, b) => (a.bundle < b.bundle ? -1 : 1));
  return { ...whole, revision: { ...revision, data: revisions }, data: mergeData([policy, ...data]) };
}

/** Else it would depend on their order which one's data counts, and a data bundle could say what policy decides. */
function mustNotOverlap(bundles: readonly VerifiedDataBundle[]): void {
  for (const [at, one] of bundles.entries()) {
    for (const other of bundles.slice(at + 1)) {
      const pair = overlapOf(one.roots, other.roots);
      if (pair === undefined) continue;
      const [root, otherRoot] = pair.map((path) => `/${path.join('/')}`);
      throw new BundleError(
        'roots_overlap',
        `the bundles ${one.revision.bundle} and ${other.revision.bundle} both own data: their roots ${root} and ${otherRoot} overlap`,
        'Give each part of data to one bundle only: correct `roots` in one of the two bundle definitions.',
      );
    }
  }
}

function overlapOf(
  roots: readonly InputPath[],
  others: readonly InputPath[],
): readonly [InputPath, InputPath] | undefined {
  for (const root of roots) {
    const other = others.find((path) => contains(root, path) || contains(path, root));
    if (other !== undefined) return [root, other];
  }
  return undefined;
}
