import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { generateSigningKey, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

interface Options {
  readonly out: string;
  readonly algorithm: SigningAlgorithm;
  readonly json?: boolean;
}

/** `regate keys generate` */
export function addKeys(program: Command): void {
  program
    .command('keys')
    .description('keys that sign bundles')
    .command('generate')
    .description('make a key pair to sign bundles with')
    .requiredOption('--out <path>', 'where the files go, without their endings')
    .addOption(new Option('--algorithm <name>', 'how it signs').choices(SIGNING_ALGORITHMS).default('RS256'))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It writes three files, and never over one that is there:
  <out>.pem      the private key, to sign with; only you can read it (mode 0600)
  <out>.pub.pem  the public key, for gateways and the bundle server (mode 0644)
  <out>.json     the key's id and its algorithm (mode 0644)

Example:
  $ regate keys generate --out keys/bundle`,
    )
    .action(generate);
}

async function generate({ out, algorithm, json }: Options): Promise<void> {
  const { id, privateKeyPem, publicKeyPem } = generateSigningKey(algorithm);
  await mkdir(dirname(out), { recursive: true });
  await writeNew(`${out}.pem`, privateKeyPem, 0o600);
  await writeNew(`${out}.pub.pem`, publicKeyPem, 0o644);
  await writeNew(`${out}.json`, `${JSON.stringify({ id, algorithm }, null, 2)}\n`, 0o644);
  if (json) {
    printJson({ id, algorithm, private_key: `${out}.pem`, public_key: `${out}.pub.pem` });
    return;
  }
  print(`key ${id} (${algorithm})`);
  print(`${out}.pem: the private key, mode 0600; keep it secret`);
  print(`${out}.pub.pem: the public key, mode 0644; give it to gateways and the bundle server`);
  print(`${out}.json: its id and algorithm, mode 0644`);
}

/** Never over a file that is there: it may be the only copy of a key in use. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { mode, flag: 'wx' });
    // Whatever the umask took away.
    await chmod(path, mode);
  } catch (cause) {
    throw new UsageError(
      'usage',
      `cannot write ${path}: ${describeThrown(cause)}`,
      'Choose another --out; keys are never overwritten.',
      cause,
    );
  }
}
