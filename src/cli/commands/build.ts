import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type BuiltBundle, buildBundle, readBundleDefinition, type SigningKey } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

interface Options {
  readonly root: string;
  readonly key: string;
  readonly keyId: string;
  readonly algorithm: SigningKey['algorithm'];
  readonly revision?: string;
  readonly scope?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `regate build` */
export function addBuild(program: Command): void {
  program
    .command('build <bundle>')
    .description('check, test, compile and sign a bundle of bundles/<bundle>/bundle.json')
    .requiredOption('--key <file>', 'the private key to sign with (PEM)')
    .requiredOption('--key-id <id>', 'the id under which gateways know its public key')
    .option('--algorithm <name>', 'how to sign', 'RS256')
    .option('--revision <text>', 'the revision in the manifest (default: the time of the build)')
    .option('--scope <text>', 'the scope that gateways demand, if they do')
    .option('--root <directory>', 'the policy repository', '.')
    .option('--out <file>', 'where the bundle goes (default: <bundle>.tar.gz)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate build starter --key keys/bundle.pem --key-id 2026-11 --out starter.tar.gz',
    )
    .action(async (name: string, options: Options) => {
      const built = await build(name, options);
      if (options.json) printJson(built);
      else print(`built ${name} ${built.revision} (${built.digest}) → ${built.file}`);
    });
}

async function build(name: string, options: Options): Promise<BuiltBundle> {
  const definition = await readBundleDefinition(options.root, name);
  const privateKeyPem = await readFile(options.key, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${options.key}: ${describeThrown(cause)}`,
      'Make a key: regate keys generate.',
      cause,
    );
  });
  return buildBundle({
    definition,
    root: options.root,
    revision: options.revision ?? new Date().toISOString(),
    signingKey: { id: options.keyId, algorithm: options.algorithm, privateKeyPem },
    ...(options.scope !== undefined && { scope: options.scope }),
    outFile: options.out ?? `${name}.tar.gz`,
  });
}
