import { access, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { RE2JS } from 're2js';
import { locateOpa, runTests, type TestProject, type TestRun } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { EXIT, UsageError } from '../exit.js';
import { describeError } from '../failure.js';
import { inGatewayEngine } from '../gateway-engine.js';
import { untilStopped } from '../lifecycle.js';
import { note, print } from '../print.js';
import { watchSources } from '../source-watch.js';
import { jsonReport } from '../test-report/json.js';
import { junitReport } from '../test-report/junit.js';
import { percentage, tableReport } from '../test-report/table.js';

const REPORTS = { table: tableReport, json: jsonReport, junit: junitReport } as const satisfies Record<
  string,
  (run: TestRun) => string
>;

interface Options {
  readonly schemas: string;
  readonly run?: string;
  readonly threshold?: number;
  readonly format: keyof typeof REPORTS;
  readonly output?: string;
  readonly watch?: boolean;
}

/** `regate test` */
export function addTest(program: Command): void {
  program
    .command('test [paths...]')
    .description('check policies and run their tests, in OPA and in the WebAssembly engine of the gateway')
    .option('--schemas <directory>', 'the JSON Schemas that input and data are checked against', 'schemas')
    .option('--run <pattern>', 'only tests whose names, with their package, match (RE2)', pattern)
    .option('--threshold <percent>', 'fail below so much coverage', percent)
    .addOption(
      new Option('--format <format>', 'of the report').choices(Object.keys(REPORTS)).default('table'),
    )
    .addOption(new Option('--json', 'the same as --format json').implies({ format: 'json' }))
    .option('--output <file>', 'write the report there, and print the table')
    .option('--watch', 'run the tests again whenever a .rego, .json or .yaml file changes')
    .addHelpText('after', '\nExample:\n  $ regate test rego --threshold 100\n  $ regate test rego --watch')
    .action(async (paths: string[], options: Options) => {
      const sources = paths.length === 0 ? ['rego'] : paths;
      if (options.run !== undefined && options.threshold !== undefined) {
        throw new UsageError(
          'usage',
          'some of the tests cannot tell coverage',
          'Leave out --run or --threshold.',
        );
      }
      await Promise.all([...sources, options.schemas].map(mustBeThere));
      const { schemas, run } = options;
      const project: TestProject = {
        opa: await locateOpa(),
        directory: process.cwd(),
        sources,
        schemas,
        ...(run !== undefined && { run }),
      };
      if (options.watch) await testOnChange(project, options);
      else process.exitCode = (await test(project, options)) ? EXIT.OK : EXIT.FAILED;
    });
}

/** Runs the tests once, reports, and says whether all is well. */
async function test(project: TestProject, options: Options): Promise<boolean> {
  const run = await runTests(project, inGatewayEngine);
  if (run.results.length === 0) throw noTests(project);
  const report = REPORTS[options.format](run);
  if (options.output !== undefined) await write(options.output, report);
  print(options.output === undefined ? report : tableReport(run));
  const complaints = [...putOff(run), ...belowThreshold(run, options.threshold)];
  for (const complaint of complaints) note(complaint);
  return complaints.length === 0 && run.results.every(({ state }) => state === 'passed');
}

/** Until Ctrl-C. What goes wrong meanwhile, such as a syntax error, is told, and waits for the next change. */
async function testOnChange(project: TestProject, options: Options): Promise<void> {
  const watched = [...project.sources, project.schemas];
  let stopped = false;
  const stop = untilStopped().then(() => {
    stopped = true;
  });
  while (!stopped) {
    await Promise.all(watched.map(mustBeThere));
    const watch = await watchSources(watched);
    const tested = test(project, options).catch((thrown: unknown) => describeError(thrown));
    const ended = await Promise.race([tested, stop]);
    if (typeof ended === 'string') note(ended.trimEnd());
    if (!stopped) note(`Watching ${watched.join(', ')} for changes. Ctrl-C ends it.`);
    const changed = await Promise.race([watch.changed, stop]);
    watch.close();
    if (changed !== undefined) note(`\n${changed} changed.`);
  }
}

/** No bundle is built while a test is put off, so that `todo_test_` cannot be forgotten. */
function putOff({ results }: TestRun): string[] {
  return results
    .filter(({ state }) => state === 'skipped')
    .map(
      ({ file, line, name }) =>
        `${file}:${line}: ${name} is skipped; no bundle is built before it is a test_.`,
    );
}

function belowThreshold({ coverage }: TestRun, threshold: number | undefined): string[] {
  if (coverage === undefined || threshold === undefined || coverage.percent >= threshold) return [];
  return [`Coverage is ${percentage(coverage.percent)}, below the ${threshold} % that --threshold asks for.`];
}

function noTests({ sources, run }: TestProject): UsageError {
  const where = sources.join(', ');
  return run === undefined
    ? new UsageError(
        'usage',
        `there is no test in ${where}`,
        'Write rules named test_… in files named …_test.rego.',
      )
    : new UsageError(
        'usage',
        `no test in ${where} matches ${run}`,
        'A name to match is data.<package>.test_….',
      );
}

async function mustBeThere(path: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${path}: ${describeThrown(cause)}`,
      'Name the folder with your policies, and with --schemas the one with their schemas.',
      cause,
    );
  });
}

async function write(file: string, report: string): Promise<void> {
  await writeFile(file, report).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot write ${file}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  });
}

function pattern(text: string): string {
  try {
    RE2JS.compile(text);
    return text;
  } catch (thrown) {
    throw new InvalidArgumentError(`It is no RE2 expression: ${describeThrown(thrown)}.`);
  }
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('It is no number from 0 to 100.');
}
