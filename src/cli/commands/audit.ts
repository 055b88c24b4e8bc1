import { join } from 'node:path';
import type { Command } from 'commander';
import { describeEvent, tail } from '../../audit/index.js';
import { loadConfig } from '../../config/index.js';
import { openStore } from '../../store/index.js';
import { print } from '../print.js';

interface Options {
  readonly config: string;
  readonly lines: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `regate audit tail` */
export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('what happened: every decision, approval and activation')
    .command('tail')
    .description('show the latest events of the gateway that this configuration runs')
    .requiredOption('--config <file>', 'the configuration', 'regate.yaml')
    .option('-n, --lines <number>', 'how many', '20')
    .option('-f, --follow', 'go on as events come')
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', '\nExample:\n  $ regate audit tail --config regate.yaml --follow')
    .action(async ({ config, lines, follow, json }: Options) => {
      const { stateDirectory } = await loadConfig(config, process.env);
      const store = await openStore(join(stateDirectory, 'regate.db'));
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      try {
        for await (const record of tail(store.audit, {
          limit: Number(lines),
          follow: follow ?? false,
          signal: stop.signal,
        })) {
          print(json ? JSON.stringify(record) : describeEvent(record));
        }
      } finally {
        await store.close();
      }
    });
}
