import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { print, printJson } from '../print.js';

/** `regate config check` */
export function addConfig(program: Command): void {
  program
    .command('config')
    .description('the configuration file')
    .command('check')
    .description('check a configuration; every problem is shown with its place')
    .argument('[file]', 'the configuration', 'regate.yaml')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ regate config check regate.yaml')
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { gateway, bundleServer } = await loadConfig(file, process.env);
      const has = [
        gateway && `a gateway with ${gateway.upstreams.length} upstreams`,
        bundleServer && 'a bundle server',
      ].filter(Boolean);
      if (json)
        printJson({ valid: true, gateway: gateway !== undefined, bundle_server: bundleServer !== undefined });
      else print(`${file} is valid: ${has.join(' and ') || 'nothing to run'}`);
    });
}
