import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { locateOpa } from '../../bundles/index.js';
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
      const tested = checked === 0 ? await run(['test', ...format, ...filter, ...sources]) : checked;
      process.exitCode = tested === 0 ? EXIT.OK : EXIT.FAILED;
    });
}

async function run(args: readonly string[]): Promise<number> {
  const child = spawn(await locateOpa(), args, { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : EXIT.FAILED;
}
