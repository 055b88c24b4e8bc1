import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  BundleError,
  type BundleSummary,
  type BundleView,
  type FleetView,
  fetchFleet,
  type InstanceView,
  rolloutOf,
} from '../../bundles/index.js';
import { obtainToken, type TokenSource } from '../credentials.js';
import { EXIT, UsageError } from '../exit.js';
import { note, print, printJson, table, visible } from '../print.js';

interface Options extends TokenSource {
  readonly url: string;
  readonly bundle?: string;
  readonly expect?: string;
  readonly wait?: string;
  readonly json?: boolean;
}

const LOOK_AGAIN_MILLISECONDS = 1_000;
const TOKEN_MILLISECONDS = 60_000;
const HEADER = ['INSTANCE', 'LABELS', 'BUNDLE', 'REVISION', 'SINCE', 'HEARD', 'WRONG'];
const WRONG_CHARACTERS = 100;

/** `regate fleet` */
export function addFleet(program: Command): void {
  program
    .command('fleet')
    .description('show which gateways report to a bundle server, what is in force there and what is wrong')
    .requiredOption('--url <url>', 'the bundle server, such as https://bundles.example.com')
    .option('--bundle <name>', 'only this bundle')
    .option('--expect <revision>', 'end with 1 unless all that were heard lately run this revision or digest')
    .option('--wait <seconds>', 'look again and again for so long, until they do')
    .option('--credentials <file>', 'client credentials to sign in with (or REGATE_CREDENTIALS)')
    .option('--token-file <file>', 'a file that holds your token')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate fleet --url https://bundles.example.com --bundle starter --expect 2026-11-23 --wait 300 --token-file /var/run/token',
    )
    .action(showFleet);
}

async function showFleet(options: Options): Promise<void> {
  const { bundle, expect, json } = options;
  const waitSeconds = secondsOf(options.wait);
  if (expect !== undefined && bundle === undefined) {
    throw new UsageError('usage', '--expect needs to know of which bundle', 'Add --bundle NAME.');
  }
  const isDone = (fleet: FleetView) =>
    bundle === undefined || expect === undefined || rolloutOf(fleet, bundle, expect).isDone;
  const fleet = await lookUntil(isDone, options, waitSeconds);
  if (json) printJson(bundle === undefined ? fleet : onlyOf(fleet, bundle));
  else show(bundle === undefined ? fleet : onlyOf(fleet, bundle));
  if (isDone(fleet)) return;
  note(`regate: not every gateway that was heard from lately runs ${expect}`);
  process.exitCode = EXIT.FAILED;
}

function secondsOf(wait = '0'): number {
  const seconds = Number(wait);
  if (wait.trim() !== '' && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new UsageError('usage', '--wait is no number of seconds', 'Give a number from 0 to 86400.');
}

/** While there is time left, a server that cannot be reached is asked again too. */
async function lookUntil(
  isDone: (fleet: FleetView) => boolean,
  options: Options,
  waitSeconds: number,
): Promise<FleetView> {
  const deadline = Date.now() + waitSeconds * 1000;
  let token = { value: await obtainToken(options), obtainedAt: Date.now() };
  for (;;) {
    if (Date.now() - token.obtainedAt > TOKEN_MILLISECONDS) {
      token = { value: await obtainToken(options), obtainedAt: Date.now() };
    }
    const isLast = Date.now() + LOOK_AGAIN_MILLISECONDS > deadline;
    try {
      const fleet = await fetchFleet(options.url, token.value);
      if (isLast || isDone(fleet)) return fleet;
    } catch (thrown) {
      if (isLast || !(thrown instanceof BundleError && thrown.code === 'unreachable')) throw thrown;
    }
    await delay(LOOK_AGAIN_MILLISECONDS);
  }
}

function onlyOf({ at, bundles, instances }: FleetView, name: string): FleetView {
  return {
    at,
    bundles: bundles.filter((bundle) => bundle.name === name),
    instances: instances
      .map((instance) => ({ ...instance, bundles: instance.bundles.filter((each) => each.name === name) }))
      .filter((instance) => instance.bundles.length > 0),
  };
}

function show({ at, bundles, instances }: FleetView): void {
  if (instances.length === 0) {
    print('No instance has reported.');
    return;
  }
  print(
    table(
      HEADER,
      instances.flatMap((instance) => rowsOf(instance, Date.parse(at))),
    ),
  );
  print('');
  for (const bundle of bundles) print(summaryOf(bundle));
}

function rowsOf(instance: InstanceView, now: number): string[][] {
  const { id, version, labels, heard_at, problems } = instance;
  const named = Object.entries({ ...(version !== undefined && { version }), ...labels });
  const shownLabels = named.map(([name, value]) => `${name}=${value}`).join(',') || '-';
  const heard = `${duration(now - Date.parse(heard_at))} ago`;
  const about = [
    ...(instance.stale ? ['silent'] : []),
    ...problems.map((each) => `${each.of}: ${told(each)}`),
  ];
  const bundles = instance.bundles.length === 0 ? [undefined] : instance.bundles;
  return bundles.map((bundle) => [
    id,
    shownLabels,
    bundle?.name ?? '-',
    bundle?.revision ?? '-',
    bundle?.since?.replace(/\.\d+Z$/, 'Z') ?? '-',
    heard,
    cut([...about, ...(bundle === undefined ? [] : wrongWith(bundle, now))].join('; ')),
  ]);
}

function wrongWith({ code, message, expires, fell_back_from }: BundleView, now: number): string[] {
  const hasExpired = expires !== undefined && Date.parse(expires) <= now;
  return [
    ...(fell_back_from === undefined ? [] : [`fell back from ${fell_back_from.revision}`]),
    ...(hasExpired ? [`expired at ${expires}`] : []),
    ...(code === undefined ? [] : [told({ code, ...(message !== undefined && { message }) })]),
  ];
}

function told({ code, message }: { readonly code: string; readonly message?: string }): string {
  return message === undefined ? code : `${code} (${message})`;
}

function cut(text: string): string {
  return text.length <= WRONG_CHARACTERS ? text : `${text.slice(0, WRONG_CHARACTERS - 1)}…`;
}

/** `starter: 9 of 10 run 2026-11-23 (sha256:abcdef012345…), 1 runs 2026-11-20; 1 error` */
function summaryOf({ name, instances, revisions, errors, stale }: BundleSummary): string {
  const running = revisions.map(({ revision, digest, instances: count }, index) => {
    const share = index === 0 ? `${count} of ${instances}` : `${count}`;
    const shortDigest = digest === undefined ? '' : ` (${digest.slice(0, 'sha256:'.length + 12)}…)`;
    return `${share} ${count === 1 ? 'runs' : 'run'} ${revision}${shortDigest}`;
  });
  const parts = [
    running.length === 0 ? `0 of ${instances} run anything` : running.join(', '),
    ...(errors === 0 ? [] : [`${errors} ${errors === 1 ? 'error' : 'errors'}`]),
    ...(stale === 0 ? [] : [`${stale} silent`]),
  ];
  return visible(`${name}: ${parts.join('; ')}`);
}

/** The largest unit that fits: `4 s`, `12 min`, `3 h`, `2 d`. */
function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
