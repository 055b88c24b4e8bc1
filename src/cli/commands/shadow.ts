import { type Command, Option } from 'commander';
import { reportShadow, type ShadowReport } from '../../audit/index.js';
import { count, moment, withAudit } from '../audit-source.js';
import { EXIT } from '../exit.js';
import { note, print, printJson } from '../print.js';
import { describeShadow } from '../shadow-differences.js';

interface Options {
  readonly config: string;
  readonly from?: string;
  readonly since?: Date;
  readonly revision?: string;
  readonly minimum: number;
  readonly json?: boolean;
}

/** `regate shadow report` */
export function addShadow(program: Command): void {
  program
    .command('shadow')
    .description('the bundle that a gateway evaluates without effect')
    .command('report')
    .description('what it would have decided otherwise, out of the audit')
    .addOption(
      new Option('--config <file>', 'the configuration of the gateway whose audit is read').default(
        'regate.yaml',
      ),
    )
    .addOption(
      new Option(
        '--from <file>',
        'an export of the audit instead, as `regate audit tail --json` prints it; - is standard input',
      ).conflicts('config'),
    )
    .option(
      '--since <time>',
      'only since then, such as 2027-01-31T00:00:00Z, or 7d for the last week',
      moment,
    )
    .option('--revision <name>', 'of this shadow revision, by name or digest, instead of the last one')
    .option('--minimum <number>', 'fail where fewer decisions were compared', count, 1)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExits with 0 only where enough decisions were compared, and none was different or failed.' +
        '\n\nExample:\n  $ regate shadow report --config regate.yaml --since 7d --minimum 1000',
    )
    .action(async ({ config, from, since, revision, minimum, json }: Options) => {
      const report = await withAudit(from === undefined ? { config } : { from }, (records) =>
        reportShadow(records, {
          ...(since !== undefined && { since: since.toISOString() }),
          ...(revision !== undefined && { revision }),
        }),
      );
      if (json) printJson(report ?? null);
      else if (report !== undefined) print(describeShadow(report));
      const complaint = complaintOf(report, minimum);
      if (complaint !== undefined) note(complaint);
      process.exitCode = complaint === undefined ? EXIT.OK : EXIT.FAILED;
    });
}

/** Why the report is not clean. */
function complaintOf(report: ShadowReport | undefined, minimum: number): string | undefined {
  if (report === undefined) return 'No decision was compared with a shadow bundle.';
  const { compared, different, failed } = report;
  if (different + failed > 0) return 'The shadow bundle does not decide as the one in force.';
  if (compared < minimum)
    return `Too few decisions were compared: ${compared}, where --minimum asks for ${minimum}.`;
  return undefined;
}
