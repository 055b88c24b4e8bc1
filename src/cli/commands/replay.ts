import type { Command } from 'commander';
import { parse } from 'yaml';
import { describeThrown, type VerifiedBundle } from '../../domain/index.js';
import { type Expectation, parseExpectations, type Replay } from '../../policy/index.js';
import { type AuditOptions, addAuditOptions, count } from '../audit-source.js';
import { addTrustOptions, readNamed, type TrustOptions, trustOf, verifiedFile } from '../bundle-trust.js';
import { describeReplay } from '../changes.js';
import { EXIT, UsageError } from '../exit.js';
import { note, print, printJson } from '../print.js';
import { replayBy } from '../recorded-decisions.js';

interface Options extends TrustOptions, AuditOptions {
  readonly bundle: string;
  readonly base?: string;
  readonly entrypoint: string;
  readonly expect?: string;
  readonly strict?: boolean;
  readonly minimum: number;
  readonly json?: boolean;
}

/** `regate replay` */
export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('decide recorded messages by another bundle, and say what would change')
    .requiredOption('--bundle <file>', 'the bundle that is tried')
    .option('--base <file>', 'the bundle to compare with, instead of what the audit says');
  addAuditOptions(addTrustOptions(command))
    .option('--limit <number>', 'at most so many decisions, the oldest', count)
    .option('--expect <file>', 'changes that are meant to be (YAML or JSON)')
    .option('--strict', 'fail where an expected change did not happen')
    .option('--minimum <number>', 'fail where fewer decisions could be replayed', count, 1)
    .option('--entrypoint <path>', 'the rule to ask', 'regate/main/decision')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate replay --bundle starter.tar.gz --key keys/bundle.pub.pem --key-id 2026-11 --config regate.yaml --since 7d',
    )
    .action(async (options: Options) => {
      const expected = options.expect === undefined ? [] : await expectationsIn(options.expect);
      const trust = await trustOf(options);
      const bundle = await verifiedFile(options.bundle, trust);
      const base = options.base === undefined ? undefined : await verifiedFile(options.base, trust);
      const done = await replayBy({ bundle, base, options, expected });
      report(done, { bundle, base, options });
    });
}

function report(
  done: Replay,
  { bundle, base, options }: { bundle: VerifiedBundle; base: VerifiedBundle | undefined; options: Options },
): void {
  const { minimum, strict, json } = options;
  if (json) printJson({ revision: bundle.revision, ...(base && { base: base.revision }), ...done });
  else print(describeReplay(done, revisionOf(bundle)));
  const complaints = [
    ...(done.replayed < minimum
      ? [`Too few decisions could be replayed: ${done.replayed}, where --minimum asks for ${minimum}.`]
      : []),
    ...(strict && done.unmet.length > 0
      ? ['Not every expected change happened, which --strict asks for.']
      : []),
  ];
  for (const complaint of complaints) note(complaint);
  const isWell = complaints.length === 0 && done.changed === done.expected;
  process.exitCode = isWell ? EXIT.OK : EXIT.FAILED;
}

function revisionOf({ revision: { bundle, revision } }: VerifiedBundle): string {
  return `${bundle} ${revision}`;
}

async function expectationsIn(file: string): Promise<readonly Expectation[]> {
  const text = (await readNamed(file)).toString('utf8');
  try {
    return parseExpectations(parse(text, { maxAliasCount: 0 }));
  } catch (cause) {
    throw new UsageError(
      'unreadable_file',
      `${file}: ${describeThrown(cause)}`,
      'Write a list such as `- { effect: { after: deny }, tool: refund_payment, reason: payments/closed }`.',
      cause,
    );
  }
}
