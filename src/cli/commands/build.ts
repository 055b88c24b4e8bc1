import { type Command, Option } from 'commander';
import { type BuiltBundle, buildBundle, readBundleDefinition } from '../../bundles/index.js';
import { inGatewayEngine } from '../gateway-engine.js';
import { note, print, printJson } from '../print.js';
import { duration, serial, time } from '../release-options.js';
import { addSigningOptions, SIGN_COMMAND_HELP, type SigningOptions, signingKeyOf } from '../signing-key.js';

interface Options extends SigningOptions {
  readonly root: string;
  readonly revision?: string;
  readonly serial?: number;
  readonly expires?: Date;
  readonly expiresIn?: { readonly afterSeconds: number };
  readonly scope?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `regate build` */
export function addBuild(program: Command): void {
  addSigningOptions(
    program
      .command('build <bundle>')
      .description('check, test, compile and sign a bundle of bundles/<bundle>/bundle.json'),
  )
    .option('--revision <text>', 'the revision in the manifest (default: the git commit, else the time)')
    .option(
      '--serial <number>',
      "its number, which grows from release to release (default: the git commit's time in seconds, else the time)",
      serial,
    )
    .option('--expires <time>', 'when it expires, such as 2027-01-31T00:00:00Z', time)
    .addOption(
      new Option(
        '--expires-in <duration>',
        "the same as so long after the git commit's time, such as 90d or 12h (default: never)",
      )
        .argParser(duration)
        .conflicts('expires'),
    )
    .option('--scope <text>', 'the scope that gateways demand, if they do')
    .option('--root <directory>', 'the policy repository', '.')
    .option('--out <file>', 'where the bundle goes (default: <bundle>.tar.gz)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${SIGN_COMMAND_HELP}

Example:
  $ regate build starter --key keys/bundle.pem --key-id 2026-11 --expires-in 90d --out starter.tar.gz
  $ regate build starter --sign-command ./kms-sign --public-key kms.pub.pem --algorithm ES256 --key-id kms`,
    )
    .action(async (name: string, options: Options) => {
      const built = await build(name, options);
      if (options.json) printJson(built);
      else report(name, built);
    });
}

async function build(name: string, options: Options): Promise<BuiltBundle> {
  const { root, revision, serial, scope, expires = options.expiresIn } = options;
  const signingKey = await signingKeyOf(options);
  return buildBundle({
    definition: await readBundleDefinition(root, name),
    root,
    signingKey,
    evaluate: inGatewayEngine,
    ...(revision !== undefined && { revision }),
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(scope !== undefined && { scope }),
    outFile: options.out ?? `${name}.tar.gz`,
  });
}

function report(name: string, { serial, expires, irreproducible, ...built }: BuiltBundle): void {
  print(`built ${name} ${built.revision} (${built.digest}) → ${built.file}`);
  const end =
    expires === undefined ? 'it never expires (--expires, --expires-in)' : `it expires at ${expires}`;
  print(`serial ${serial}; ${end}`);
  if (irreproducible !== undefined) note(`Another build will be another bundle: ${irreproducible}.`);
}
