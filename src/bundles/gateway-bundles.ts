import type { VerifiedDataBundle } from '../domain/index.js';
import { type AssemblyOptions, createAssembly } from './assembly.js';
import type { BundleEvent } from './bundle-event.js';
import {
  type BundleClient,
  type BundleClientOptions,
  type BundleStatus,
  createBundleClient,
  createDataBundleClient,
} from './client.js';
import { BundleError } from './error.js';
import { type DecisionOutcome, type FallBackRule, watchForFallBack } from './fall-back.js';
import type { VerificationKey } from './keys.js';

/** Where a bundle comes from, and who must have signed it. */
export interface BundleOrigin {
  readonly name: string;
  readonly url: string;
  readonly scope?: string;
  readonly keys: readonly VerificationKey[];
}

export interface GatewayBundlesOptions
  extends Pick<BundleClientOptions, 'directory' | 'poll' | 'requireSerial'>,
    Pick<AssemblyOptions, 'activate'> {
  readonly policy: BundleOrigin;
  readonly data: readonly BundleOrigin[];
  readonly fallBack: FallBackRule;
  readonly report: (event: BundleEvent, bundle: string) => void;
}

/** All bundles by which a gateway decides. */
export interface GatewayBundles {
  /** Returns once each is in force or was asked for. */
  start(): Promise<void>;
  /** Nothing is put in force after this. */
  close(): void;
  /**
   * The policy bundle's status, with what is wrong with any of the bundles, and the expiry that comes first among those
   * in force.
   */
  status(): BundleStatus;
  /** The status of each by its name, the policy bundle first. */
  statuses(): ReadonlyMap<string, BundleStatus>;
  /** To be called for each message that was put to policy: by it is found out whether to fall back. */
  decided(outcome: DecisionOutcome): void;
  /** Tells of each data bundle in force, now and when one changes. */
  onData(listener: (bundle: VerifiedDataBundle) => void): void;
}

/** Makes the clients of a policy bundle and its data bundles; they do nothing before `start`. @throws BundleError `name_invalid` */
export function createGatewayBundles(options: GatewayBundlesOptions): GatewayBundles {
  const { policy, data, activate, report, directory, poll, requireSerial } = options;
  if (data.some(({ name }) => name === policy.name)) throw sameName(policy.name);
  const watch = watchForFallBack(options.fallBack);
  const assembly = createAssembly({
    dataNames: data.map(({ name }) => name),
    activate,
    inForce: (revision) => watch.inForce(revision),
  });
  const following = ({ name, url, keys, scope }: BundleOrigin) => ({
    bundle: name,
    url,
    trust: { keys, ...(scope !== undefined && { scope }) },
    directory,
    poll,
    requireSerial,
    watch,
    report: (event: BundleEvent) => report(event, name),
  });
  const clients = new Map<string, BundleClient>([
    [policy.name, createBundleClient({ ...following(policy), activate: assembly.activatePolicy })],
    ...data.map((origin) => {
      const client = createDataBundleClient({ ...following(origin), activate: assembly.activateData });
      return [origin.name, client] as const;
    }),
  ]);
  const statuses = () => new Map([...clients].map(([name, client]) => [name, client.status()]));
  return {
    async start() {
      await Promise.all([...clients.values()].map((client) => client.start()));
    },
    close() {
      for (const client of clients.values()) client.close();
      watch.close();
    },
    status: () => wholeOf([...statuses()]),
    statuses,
    decided: (outcome) => watch.decided(outcome),
    onData: (listener) => assembly.onData(listener),
  };
}

/** They would share their kept file and serials. */
function sameName(name: string): BundleError {
  return new BundleError(
    'name_invalid',
    `the policy bundle and one of its data bundles are both named ${name}`,
    'Publish the data bundle under another name, and name that under `gateway.bundle.data`.',
  );
}

/** @param statuses that of the policy bundle first */
function wholeOf(statuses: readonly (readonly [name: string, status: BundleStatus])[]): BundleStatus {
  const [[, policy] = ['', {}], ...data] = statuses;
  const wrong = data.find(([, { lastError }]) => lastError !== undefined);
  const [expiry] = statuses
    .flatMap(([, status]) => status.expiry ?? [])
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return {
    ...(wrong !== undefined && errorOf(wrong)),
    ...policy,
    ...(expiry !== undefined && { expiry }),
  };
}

function errorOf([name, { lastError, errorCode }]: readonly [string, BundleStatus]): Partial<BundleStatus> {
  return {
    lastError: `the data bundle ${name}: ${lastError}`,
    ...(errorCode !== undefined && { errorCode }),
  };
}
