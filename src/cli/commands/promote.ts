import { type Command, InvalidArgumentError } from 'commander';
import { promoteBundle } from '../../bundles/index.js';
import { addPublisherOptions, obtainToken, type TokenSource } from '../credentials.js';
import { print, printJson, visible } from '../print.js';

interface Options extends TokenSource {
  readonly url: string;
  readonly from: string;
  readonly to: string;
  readonly digest?: string;
  readonly shadowDecisions?: number;
  readonly json?: boolean;
}

/** `regate promote` */
export function addPromote(program: Command): void {
  addPublisherOptions(
    program
      .command('promote')
      .description('make what is current in one channel current in another: the same archive, byte for byte')
      .requiredOption('--url <url>', "the bundle's address on the bundle server")
      .requiredOption('--from <channel>', 'the channel that it is in')
      .requiredOption('--to <channel>', 'the channel that it goes to'),
  )
    .option('--digest <digest>', 'the revision that it must be (sha256:…); without it whichever it is')
    .option(
      '--shadow-decisions <number>',
      'how many decisions gateways must have compared in shadow, all alike (default: what the server demands)',
      count,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  $ regate promote --url https://bundles.example.com/bundles/starter --from canary --to stable --shadow-decisions 10000`,
    )
    .action(promote);
}

async function promote({ json, ...options }: Options): Promise<void> {
  const promoted = await promoteBundle({ ...options, token: await obtainToken(options) });
  const { bundle, revision, digest, channel } = promoted;
  if (json) printJson(promoted);
  else print(visible(`promoted ${bundle} ${revision} (${digest}) from ${options.from} to ${channel}`));
}

/** @throws InvalidArgumentError */
function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no whole number of decisions, such as 10000.');
}
