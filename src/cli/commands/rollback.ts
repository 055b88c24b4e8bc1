import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  DEFAULT_CHANNEL,
  fetchRevision,
  findRevision,
  listRevisions,
  publishBundle,
  type RollbackRequest,
  type SignedRollback,
  signRollback,
} from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { addPublisherOptions, obtainToken, type TokenSource } from '../credentials.js';
import { UsageError } from '../exit.js';
import { print, printJson, visible } from '../print.js';
import { duration, serial, time } from '../release-options.js';
import { addSigningOptions, SIGN_COMMAND_HELP, type SigningOptions, signingKeyOf } from '../signing-key.js';

interface Options extends SigningOptions, TokenSource {
  readonly bundle?: string;
  readonly url?: string;
  readonly to?: string;
  readonly channel: string;
  readonly publish?: boolean;
  readonly name?: string;
  readonly serial?: number;
  readonly expires?: Date;
  readonly expiresIn?: { readonly afterSeconds: number };
  readonly scope?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `regate rollback` */
export function addRollback(program: Command): void {
  const command = program
    .command('rollback')
    .description('sign an older bundle anew, with a higher serial, so that gateways go back to it')
    .option('--bundle <file>', 'the older bundle, which the same key must have signed')
    .addOption(
      new Option(
        '--url <url>',
        "in its place: the bundle's address on the bundle server, to fetch it from",
      ).conflicts('bundle'),
    )
    .option('--to <revision>', 'which one, by its name or its digest (sha256:…)')
    .option('--channel <name>', 'the channel that goes back', DEFAULT_CHANNEL)
    .option('--publish', 'publish the rollback to that channel');
  addPublisherOptions(addSigningOptions(command))
    .option('--name <name>', "the bundle's name (default: starter, or what the address ends in)")
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
    .option('--out <file>', 'where the signed rollback goes; needed unless it is published')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${SIGN_COMMAND_HELP}

Example:
  $ regate rollback --bundle starter-41.tar.gz --key keys/bundle.pem --key-id 2026-11 --expires-in 30d --out starter.tar.gz

From the bundle server and back to it, in one go:
  $ regate rollback --url https://bundles.example.com/bundles/starter --to 3f2a9c1 --publish --token-file /var/run/token \\
      --key keys/bundle.pem --key-id 2026-11`,
    )
    .action(rollback);
}

async function rollback(options: Options): Promise<void> {
  checkUsage(options);
  const { name, scope, serial, expires = options.expiresIn, out, url = '', channel } = options;
  const older = await findOlder(options);
  // First, so that nothing is signed for somebody who cannot publish it.
  const token = options.publish ? await obtainToken(options) : undefined;
  const { archive, ...signed } = await signRollback({
    ...older,
    ...(name !== undefined && { bundle: name }),
    signingKey: await signingKeyOf(options),
    ...(serial !== undefined && { serial }),
    ...(expires !== undefined && { expires }),
    ...(scope !== undefined && { scope }),
    ...(out !== undefined && { outFile: out }),
  });
  const published = token === undefined ? {} : await publishBundle({ url, channel, archive, token });
  if (options.json) printJson({ ...signed, ...published });
  else report({ ...signed, ...published });
}

function checkUsage({ bundle, url, to, publish, out }: Options): void {
  const wrong = (what: string, nextStep: string) => new UsageError('usage', what, nextStep);
  if (bundle === undefined && url === undefined)
    throw wrong('it is not said what to go back to', 'Name a file with --bundle, or --url and --to.');
  if ((url === undefined) !== (to === undefined))
    throw wrong('--url and --to belong together', 'Name the bundle server and one of its revisions.');
  if (publish && url === undefined)
    throw wrong(
      'it is not said where to publish',
      'Give --url and --to, or publish the file that --out names.',
    );
  if (!publish && out === undefined)
    throw wrong('the rollback would go nowhere', 'Give --out FILE, or --publish.');
}

/** The bundle to go back to. What a server says of it is not believed: its name comes from the address. */
async function findOlder({
  bundle: file = '',
  url,
  to = '',
}: Options): Promise<Pick<RollbackRequest, 'archive' | 'bundle' | 'revision'>> {
  if (url === undefined) return { archive: await read(file), bundle: 'starter' };
  const { digest, revision } = findRevision(await listRevisions(url), to);
  return { archive: await fetchRevision(url, digest), bundle: nameIn(url), revision };
}

/** The last part of the bundle's address. */
function nameIn(url: string): string {
  return new URL(url).pathname.split('/').findLast((part) => part !== '') ?? '';
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${file}: ${describeThrown(cause)}`,
      'Fetch the older bundle from where it was built, or from the bundle server: regate revisions --download.',
      cause,
    );
  });
}

function report(signed: Omit<SignedRollback, 'archive'> & { channel?: string }): void {
  const { bundle, revision, digest, serial, expires, file, channel } = signed;
  const places = [file, channel && `published to ${channel}`].filter(Boolean).join(', ');
  print(visible(`signed a rollback of ${bundle} to ${revision} (${digest}) → ${places}`));
  print(`serial ${serial}; ${expires === undefined ? 'it never expires' : `it expires at ${expires}`}`);
}
