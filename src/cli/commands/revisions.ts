import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fetchRevision, findRevision, type ListedRevision, listRevisions } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { note, print, printJson, table } from '../print.js';

interface Options {
  readonly url: string;
  readonly download?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `regate revisions` */
export function addRevisions(program: Command): void {
  program
    .command('revisions')
    .description('list what was published of a bundle, and where it is current; or fetch one of them')
    .requiredOption('--url <url>', "the bundle's address on the bundle server")
    .option('--download <revision>', 'fetch this one, by its name or its digest (sha256:…)')
    .option('--out <file>', 'where it goes; the file must not be there yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example:
  $ regate revisions --url https://bundles.example.com/bundles/starter

Fetch one, to look into it or to sign it anew:
  $ regate revisions --url https://bundles.example.com/bundles/starter --download 3f2a9c1 --out starter-old.tar.gz`,
    )
    .action(async ({ download, out, ...options }: Options) => {
      if ((download === undefined) !== (out === undefined)) {
        throw new UsageError(
          'usage',
          '--download and --out belong together',
          'Name a revision to fetch and the file that it goes to, or neither.',
        );
      }
      const revisions = await listRevisions(options.url);
      if (download !== undefined && out !== undefined) {
        await fetchOne(findRevision(revisions, download), out, options);
      } else if (options.json) printJson(revisions);
      else print(table(HEADER, revisions.map(row)));
    });
}

const HEADER = ['REVISION', 'SERIAL', 'EXPIRES', 'PUBLISHED', 'BY', 'CHANNELS', 'DIGEST'];

function row(listed: ListedRevision): string[] {
  const { revision, serial, expires, published_at, published_by, channels, digest, rollback_to } = listed;
  return [
    rollback_to === undefined ? revision : `${revision} (rollback)`,
    serial === undefined ? '-' : String(serial),
    expires ?? 'never',
    published_at,
    published_by,
    channels.join(',') || '-',
    digest,
  ];
}

async function fetchOne(
  { bundle, revision, digest }: ListedRevision,
  file: string,
  { url, json }: Options,
): Promise<void> {
  const archive = await fetchRevision(url, digest);
  await writeFile(file, archive, { flag: 'wx' }).catch((cause: unknown) => {
    throw new UsageError(
      'usage',
      `cannot write ${file}: ${describeThrown(cause)}`,
      'Choose another --out; nothing is overwritten.',
      cause,
    );
  });
  if (json) printJson({ bundle, revision, digest, file });
  else print(`fetched ${bundle} ${revision} (${digest}) → ${file}`);
  note('Its signature was not verified: gateways do, and so does `regate rollback`.');
}
