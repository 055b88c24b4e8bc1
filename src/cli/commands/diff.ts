import type { Command } from 'commander';
import {
  type BundleDifference,
  type ComparedBundle,
  diffBundles,
  fetchBundle,
  isSame,
  locateOpa,
  verifyBundle,
} from '../../bundles/index.js';
import type { Replay } from '../../policy/index.js';
import { type AuditOptions, addAuditOptions, count, namesAudit } from '../audit-source.js';
import { describeDifference } from '../bundle-difference.js';
import { addTrustOptions, type NamedTrust, readNamed, type TrustOptions, trustOf } from '../bundle-trust.js';
import { describeReplay } from '../changes.js';
import { EXIT } from '../exit.js';
import { print, printJson } from '../print.js';
import { replayBy } from '../recorded-decisions.js';

interface Options extends TrustOptions, AuditOptions {
  readonly values?: boolean;
  readonly entrypoint: string;
  readonly json?: boolean;
}

/** `regate diff` */
export function addDiff(program: Command): void {
  const command = program
    .command('diff <before> <after>')
    .description('say how two bundles differ: what they say of themselves, files, rules, data, and decisions')
    .option('--values', 'show values of data');
  addAuditOptions(addTrustOptions(command))
    .option('--limit <number>', 'at most so many recorded decisions, the oldest', count)
    .option('--entrypoint <path>', 'the rule to ask', 'regate/main/decision')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A bundle is a file, or an address such as https://bundles.example.com/bundles/starter/channels/canary.
With --from or --config, recorded decisions are taken by both.

Exit codes:
  0  they are the same, however they were signed
  1  they differ
  2  the command line is wrong

Example:
  $ regate diff starter-41.tar.gz starter.tar.gz --key keys/bundle.pub.pem --key-id 2026-11 --config regate.yaml`,
    )
    .action(async (before: string, after: string, options: Options) => {
      const trust = await trustOf(options);
      const [old, young] = [await bundleAt(before, trust), await bundleAt(after, trust)];
      const difference = await diffBundles(old, young, await locateOpa());
      const decisions = namesAudit(options)
        ? await replayBy({ bundle: young.bundle, base: old.bundle, options, expected: [] })
        : undefined;
      report({ old, young, difference, decisions }, options);
    });
}

async function bundleAt(place: string, trust: NamedTrust): Promise<ComparedBundle> {
  const archive = /^https?:\/\//.test(place) ? await fetchBundle(place) : await readNamed(place);
  return { archive, bundle: await verifyBundle(archive, trust) };
}

function report(
  found: {
    readonly old: ComparedBundle;
    readonly young: ComparedBundle;
    readonly difference: BundleDifference;
    readonly decisions: Replay | undefined;
  },
  { values = false, json }: Options,
): void {
  const { old, young, decisions } = found;
  const isAlike = isSame(found.difference) && (decisions?.changed ?? 0) === 0;
  const difference = values ? found.difference : withoutValues(found.difference);
  if (json) {
    const revisions = { before: old.bundle.revision, after: young.bundle.revision };
    printJson({ same: isAlike, ...revisions, ...difference, ...(decisions && { decisions }) });
  } else {
    print(describeDifference(difference));
    const { bundle, revision } = young.bundle.revision;
    if (decisions !== undefined) print(`\nDecisions\n${describeReplay(decisions, `${bundle} ${revision}`)}`);
  }
  process.exitCode = isAlike ? EXIT.OK : EXIT.FAILED;
}

/** Data may name people; that it changed does not. */
function withoutValues(difference: BundleDifference): BundleDifference {
  const shown = { before: '…', after: '…' };
  const data = difference.data.map(({ path, before, after }) => ({
    path,
    ...(before !== undefined && { before: shown.before }),
    ...(after !== undefined && { after: shown.after }),
  }));
  return { ...difference, data };
}
