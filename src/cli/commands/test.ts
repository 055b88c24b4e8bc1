import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { BundleError, findUnheardRules, locateOpa } from '../../bundles/index.js';
import { EXIT } from '../exit.js';

/** `regate test` */
export function addTest(program: Command): void {
  program
    .command('test [paths...]')
    .description('check the policies against the schemas and run their tests with opa')
    .option('--schemas <directory>', 'the JSON Schemas that input and data are checked against', 'schemas')
    .option('--run <pattern>', 'only tests whose names match')
    .option('--json', "print opa's JSON report")
    .addHelpText('after', '\nExample:\n  $ regate test rego')
    .action(async (paths: string[], options: { schemas: string; run?: string; json?: boolean }) => {
      const sources = paths.length === 0 ? ['rego'] : paths;
      const checked = await run(['check', '--strict', '--schema', options.schemas, ...sources]);
      const format = options.json ? ['--format', 'json'] : ['--verbose'];
      const filter = options.run === undefined ? [] : ['--run', options.run];
      if (checked === 0) await mustBeHeard(sources);
      const tested = checked === 0 ? await run(['test', ...format, ...filter, ...sources]) : checked;
      process.exitCode = tested === 0 ? EXIT.OK : EXIT.FAILED;
    });
}

/** A misspelt rule is valid Rego and passes its own tests, and the gateway would never hear it. */
async function mustBeHeard(sources: readonly string[]): Promise<void> {
  const complaints = await findUnheardRules(await locateOpa(), process.cwd(), sources);
  if (complaints.length === 0) return;
  throw new BundleError('policy_invalid', complaints.join('\n'), 'Rename what is meant to be heard.');
}

async function run(args: readonly string[]): Promise<number> {
  const child = spawn(await locateOpa(), args, { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : EXIT.FAILED;
}
