import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { locateOpa, type RecordedTests, recordedTests } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { decisionsIn } from '../../policy/index.js';
import { type AuditOptions, addAuditOptions, count, filterOf, withAudit } from '../audit-source.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

interface Options extends AuditOptions {
  readonly out: string;
  readonly package: string;
  readonly entrypoint: string;
  readonly limit: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Packages that decide: a rule in them would be heard. */
const DECIDING = ['policies', 'regate'];

/** `regate record` */
export function addRecord(program: Command): void {
  const command = program
    .command('record')
    .description('write recorded decisions as Rego tests, one for each that is unlike the others')
    .requiredOption('--out <file>', 'where the tests go; its name ends in _test.rego', testFile);
  addAuditOptions(command)
    .option('--limit <number>', 'at most so many tests', count, 50)
    .option('--package <name>', "the tests' package", testPackage, 'recorded_test')
    .option('--entrypoint <path>', 'the rule that is tested', 'regate/main/decision')
    .option('--force', 'overwrite the file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate record --config regate.yaml --since 7d --tool refund_payment --out rego/recorded/refunds_test.rego',
    )
    .action(async (options: Options) => {
      if (!options.force) await mustBeNew(options.out);
      const recorded = await record(options);
      if (recorded.tests === 0) throw nothingRecorded(recorded);
      await write(options.out, recorded.text);
      const { text: _, ...counts } = recorded;
      if (options.json) printJson({ file: options.out, ...counts });
      else report(options.out, recorded);
    });
}

async function record(options: Options): Promise<RecordedTests> {
  const opa = await locateOpa();
  const { package: path, entrypoint, limit } = options;
  return withAudit(options, (records) =>
    recordedTests({
      decisions: decisionsIn(records, filterOf(options)),
      package: path,
      entrypoint,
      limit,
      opa,
    }),
  );
}

function report(file: string, { tests, masked, alike, not_recorded, too_large }: RecordedTests): void {
  print(`wrote ${tests} ${tests === 1 ? 'test' : 'tests'} → ${file}`);
  const left = [
    ...(alike > 0 ? [`${alike} like another`] : []),
    ...(not_recorded > 0 ? [`${not_recorded} whose input the audit does not hold`] : []),
    ...(too_large > 0 ? [`${too_large} too large for a test`] : []),
  ];
  if (left.length > 0) print(`left out: ${left.join(', ')}`);
  if (masked > 0) {
    print(
      `${masked} of them have masked inputs: where policy looks into a masked value, change the test or delete it`,
    );
  }
}

function nothingRecorded({ not_recorded: missing, too_large: large }: RecordedTests): UsageError {
  return new UsageError(
    'usage',
    `there is no decision to write a test of (${missing} without an input, ${large} too large)`,
    'Set audit.decision_inputs to masked in the configuration of the gateway, or choose other decisions.',
  );
}

async function mustBeNew(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UsageError('usage', `${file} is there already`, 'Overwrite it with --force.');
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(
      'unreadable_file',
      `cannot write ${file}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  }
}

function testFile(name: string): string {
  if (name.endsWith('_test.rego')) return name;
  throw new InvalidArgumentError('Its name must end in _test.rego, so that it is never part of a bundle.');
}

function testPackage(name: string): string {
  const [first = ''] = name.split('.');
  if (/^[a-z_]\w*(?:\.[a-z_]\w*)*$/i.test(name) && !DECIDING.includes(first)) return name;
  throw new InvalidArgumentError(
    `It is no package outside of ${DECIDING.join(' and ')}, such as recorded_test.`,
  );
}
