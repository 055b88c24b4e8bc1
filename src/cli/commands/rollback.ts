import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type SignedRollback, signRollback } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';
import { duration, serial, time } from '../release-options.js';
import { addSigningOptions, SIGN_COMMAND_HELP, type SigningOptions, signingKeyOf } from '../signing-key.js';

interface Options extends SigningOptions {
  readonly bundle: string;
  readonly name: string;
  readonly serial?: number;
  readonly expires?: Date;
  readonly expiresIn?: { readonly afterSeconds: number };
  readonly scope?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `regate rollback` */
export function addRollback(program: Command): void {
  addSigningOptions(
    program
      .command('rollback')
      .description('sign an older bundle anew, with a higher serial, so that gateways go back to it'),
  )
    .requiredOption('--bundle <file>', 'the older bundle, which the same key must have signed')
    .option('--name <name>', "the bundle's name", 'starter')
    .option(
      '--serial <number>',
      'its new serial, higher than that in force (default: the time in seconds)',
      serial,
    )
    .option('--expires <time>', 'when gateways stop using it, such as 2027-01-31T00:00:00Z', time)
    .addOption(
      new Option(
        '--expires-in <duration>',
        'the same as so long from now, such as 90d or 12h (default: never)',
      )
        .argParser(duration)
        .conflicts('expires'),
    )
    .option('--scope <text>', 'the scope of both signatures, if not the name')
    .requiredOption('--out <file>', 'where the signed rollback goes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${SIGN_COMMAND_HELP}

Example:
  $ regate rollback --bundle starter-41.tar.gz --key keys/bundle.pem --key-id 2026-11 --expires-in 30d --out starter.tar.gz`,
    )
    .action(async (options: Options) => {
      const signed = await rollback(options);
      if (options.json) printJson(signed);
      else report(signed);
    });
}

async function rollback(options: Options): Promise<SignedRollback> {
  const { bundle: file, name: bundle, serial, scope, expires = options.expiresIn } = options;
  const archive = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${file}: ${describeThrown(cause)}`,
      "Fetch the older bundle from where it was built, or from the bundle server's folder.",
      cause,
    );
  });
  return signRollback({
    archive,
    bundle,
    signingKey: await signingKeyOf(options),
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(scope !== undefined && { scope }),
    outFile: options.out,
  });
}

function report({ bundle, revision, digest, serial, expires, file }: SignedRollback): void {
  print(`signed a rollback of ${bundle} to ${revision} (${digest}) → ${file}`);
  print(`serial ${serial}; ${expires === undefined ? 'it never expires' : `it expires at ${expires}`}`);
}
