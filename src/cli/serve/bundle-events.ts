import type { Logger } from 'winston';
import type { Audit } from '../../audit/index.js';
import type { BundleEvent } from '../../bundles/index.js';
import type { ActivationEvent } from '../../domain/index.js';

/** Where what happens to bundles is told. */
export interface BundleJournal {
  readonly audit: Audit;
  readonly log: Logger;
}

/** How loud an event is in the log. Who runs the gateway has to act on an error. */
const LEVELS = {
  activated: 'info',
  waiting: 'info',
  unreachable: 'warn',
  refused: 'error',
  not_kept: 'error',
  expired: 'error',
  fell_back: 'error',
  not_fallen_back: 'error',
} as const satisfies Record<BundleEvent['type'], string>;

const WORDS = {
  activated: 'bundle activated',
  waiting: 'a bundle waits for others',
  unreachable: 'the bundle server cannot be reached',
  refused: 'bundle refused',
  not_kept: 'the bundle in force could not be kept on disk',
  expired: 'bundle expired',
  fell_back: 'fell back to the bundle before',
  not_fallen_back: 'could not fall back to the bundle before',
} as const satisfies Record<BundleEvent['type'], string>;

/**
 * What happens to bundles is in the log and, where it changes what is in force or tries to, in the audit.
 *
 * @param bundle its name; that of a shadow bundle says so
 */
export async function reportBundle(
  event: BundleEvent,
  bundle: string,
  { audit, log }: BundleJournal,
): Promise<void> {
  const activation = activationOf(event, bundle);
  log.log(LEVELS[event.type], WORDS[event.type], { ...(activation ?? { bundle, ...event }) });
  // The log repeats it every minute; in the audit it happens once.
  if (activation === undefined || (event.type === 'expired' && event.again)) return;
  await audit
    .append(activation)
    .catch((cause: unknown) => log.error('an activation could not be recorded', { detail: String(cause) }));
}

/** Undefined where what is in force stays as it was, and nothing was offered that was refused. */
function activationOf(event: BundleEvent, bundle: string): ActivationEvent | undefined {
  const about = { type: 'activation', bundle } as const;
  switch (event.type) {
    case 'activated': {
      const { revision, rollbackTo } = event;
      const message = rollbackTo === undefined ? {} : { message: `a signed rollback to ${rollbackTo}` };
      return { ...about, outcome: 'activated', revision, ...message };
    }
    case 'refused':
    case 'not_fallen_back':
      return { ...about, outcome: 'refused', code: event.code, message: event.message };
    case 'expired': {
      const message = `the bundle in force expired at ${event.expires}`;
      return { ...about, outcome: 'expired', revision: event.revision, message };
    }
    case 'fell_back': {
      const { from, to, failures, decisions } = event;
      const message = `${failures} of ${decisions} decisions failed by ${from.revision} (${from.digest})`;
      return { ...about, outcome: 'fell_back', revision: to, message };
    }
    default:
      return undefined;
  }
}
