import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { generateSigningKey, type SigningKey } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

/** `regate keys generate` */
export function addKeys(program: Command): void {
  program
    .command('keys')
    .description('keys that sign bundles')
    .command('generate')
    .description(
      'make a key pair: <out>.pem to sign with, <out>.pub.pem for gateways, <out>.json with its id',
    )
    .requiredOption('--out <path>', 'where the files go, without their endings')
    .option('--algorithm <name>', 'RS256 or ES256', 'RS256')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ regate keys generate --out keys/bundle')
    .action(
      async ({
        out,
        algorithm,
        json,
      }: {
        out: string;
        algorithm: SigningKey['algorithm'];
        json?: boolean;
      }) => {
        const { id, privateKeyPem, publicKeyPem } = generateSigningKey(algorithm);
        await mkdir(dirname(out), { recursive: true });
        await writeNew(`${out}.pem`, privateKeyPem, 0o600);
        await writeNew(`${out}.pub.pem`, publicKeyPem, 0o644);
        await writeNew(`${out}.json`, `${JSON.stringify({ id, algorithm }, null, 2)}\n`, 0o644);
        if (json) printJson({ id, algorithm, private_key: `${out}.pem`, public_key: `${out}.pub.pem` });
        else
          print(
            `key ${id} (${algorithm}): keep ${basename(out)}.pem secret, give ${basename(out)}.pub.pem to gateways`,
          );
      },
    );
}

/** Never over a file that is there: it may be the only copy of a key in use. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode, flag: 'wx' }).catch((cause: unknown) => {
    throw new UsageError(
      'usage',
      `cannot write ${path}: ${describeThrown(cause)}`,
      'Choose another --out; keys are never overwritten.',
      cause,
    );
  });
}
