import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { publishBundle } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { obtainToken, type TokenSource } from '../credentials.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

/** `regate publish` */
export function addPublish(program: Command): void {
  program
    .command('publish <file>')
    .description('publish a signed bundle; gateways take it up at once, or with their next poll')
    .requiredOption('--url <url>', "the bundle's address on the bundle server")
    .option('--credentials <file>', 'client credentials to sign in with (or REGATE_CREDENTIALS)')
    .option('--token-file <file>', 'a file that holds your token')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate publish starter.tar.gz --url https://bundles.example.com/bundles/starter --token-file /var/run/token',
    )
    .action(async (file: string, options: TokenSource & { url: string; json?: boolean }) => {
      const archive = await readFile(file).catch((cause: unknown) => {
        throw new UsageError(
          'unreadable_file',
          `cannot read ${file}: ${describeThrown(cause)}`,
          'Build it: regate build.',
          cause,
        );
      });
      const published = await publishBundle({ url: options.url, archive, token: await obtainToken(options) });
      if (options.json) printJson(published);
      else print(`published ${published.bundle} ${published.revision} (${published.digest})`);
    });
}
