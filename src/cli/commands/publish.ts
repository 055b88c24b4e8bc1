import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { publishBundle } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { addPublisherOptions, obtainToken, type TokenSource } from '../credentials.js';
import { UsageError } from '../exit.js';
import { print, printJson, visible } from '../print.js';

interface Options extends TokenSource {
  readonly url: string;
  readonly channel?: string;
  readonly json?: boolean;
}

/** `regate publish` */
export function addPublish(program: Command): void {
  addPublisherOptions(
    program
      .command('publish <file>')
      .description('publish a signed bundle; gateways take it up at once, or with their next poll')
      .requiredOption('--url <url>', "the bundle's address on the bundle server")
      .option('--channel <name>', 'the channel that it goes to (default: stable)'),
  )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  $ regate publish starter.tar.gz --url https://bundles.example.com/bundles/starter --token-file /var/run/token

In a GitHub Actions job with the permission \`id-token: write\`, without any secret:
  $ regate publish starter.tar.gz --url https://bundles.example.com/bundles/starter --channel canary \\
      --token-from github-actions --audience https://bundles.example.com`,
    )
    .action(publish);
}

async function publish(file: string, { url, channel, json, ...source }: Options): Promise<void> {
  const archive = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${file}: ${describeThrown(cause)}`,
      'Build it: regate build.',
      cause,
    );
  });
  const token = await obtainToken(source);
  const published = await publishBundle({ url, archive, token, ...(channel !== undefined && { channel }) });
  if (json) printJson(published);
  else {
    const { bundle, revision, digest } = published;
    const place = channel === undefined ? '' : ` to ${channel}`;
    print(visible(`published ${bundle} ${revision} (${digest})${place}`));
  }
}
