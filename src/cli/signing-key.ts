import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SIGNING_ALGORITHMS, type SigningCommand, type SigningKey } from '../bundles/index.js';
import { describeThrown } from '../domain/index.js';
import { UsageError } from './exit.js';

/** Where a command gets the key from that it signs bundles with. No secret is ever on the command line itself. */
export interface SigningOptions {
  readonly key?: string;
  readonly keyEnv?: string;
  readonly signCommand?: SigningCommand['command'];
  readonly signTimeout?: number;
  readonly publicKey?: string;
  readonly keyId: string;
  readonly algorithm: SigningKey['algorithm'];
}

export function addSigningOptions(command: Command): Command {
  return command
    .option('--key <file>', 'the private key to sign with (PEM); for HS256 the secret')
    .option('--key-env <name>', 'an environment variable that holds it instead')
    .option(
      '--sign-command <command>',
      'a program that signs instead, for keys in a KMS or an HSM; split at spaces, no shell reads it',
      words,
    )
    .option('--sign-timeout <seconds>', 'how long it may take', seconds, 60)
    .option('--public-key <file>', 'the public key (PEM) that its signatures are verified with at once')
    .requiredOption('--key-id <id>', 'the id under which gateways know the key')
    .addOption(
      new Option('--algorithm <name>', 'how to sign')
        .choices([...SIGNING_ALGORITHMS, 'HS256'])
        .default('RS256'),
    );
}

export const SIGN_COMMAND_HELP = `
The signing command reads what is to be signed (a JWS signing input) from its standard input to the end, and writes the
signature in base64 or base64url to its standard output: for ES256 the 64 bytes of JWS, or DER. It ends with 0. A key
service that signs digests signs the SHA-256 of that input.

With HS256 whoever can verify a bundle can also sign one. Prefer the others.`;

/** @throws UsageError where not exactly one source is named, or it cannot be read */
export async function signingKeyOf(options: SigningOptions): Promise<SigningKey> {
  const { keyId: id, algorithm, key, keyEnv, signCommand: command } = options;
  if ([key, keyEnv, command].filter((source) => source !== undefined).length !== 1) {
    throw new UsageError(
      'usage',
      'it is not clear what to sign with',
      'Name one of --key, --key-env and --sign-command.',
    );
  }
  if (command !== undefined) return signingCommand(command, options);
  const text = keyEnv === undefined ? await read(key ?? '') : fromEnvironment(keyEnv);
  // As `file:` in a configuration is read.
  if (algorithm === 'HS256') return { id, algorithm, secret: text.trimEnd() };
  return { id, algorithm, privateKeyPem: text };
}

async function signingCommand(
  command: SigningCommand['command'],
  { keyId: id, algorithm, publicKey, signTimeout }: SigningOptions,
): Promise<SigningCommand> {
  if (algorithm === 'HS256' || publicKey === undefined) {
    throw new UsageError(
      'usage',
      'what a signing command answers cannot be verified',
      `Name its public key with --public-key, and one of ${SIGNING_ALGORITHMS.join(', ')} with --algorithm.`,
    );
  }
  const timeoutMilliseconds = (signTimeout ?? 60) * 1000;
  return { id, algorithm, command, publicKeyPem: await read(publicKey), timeoutMilliseconds };
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${file}: ${describeThrown(cause)}`,
      'Make a key: regate keys generate.',
      cause,
    );
  });
}

function fromEnvironment(name: string): string {
  const text = process.env[name];
  if (text) return text;
  throw new UsageError(
    'usage',
    `the environment variable ${name} is not set, or empty`,
    'Put the key itself into it.',
  );
}

function words(text: string): SigningCommand['command'] {
  const [program, ...args] = text.split(/\s+/).filter((word) => word !== '');
  if (program === undefined || /['"]/.test(text)) {
    throw new InvalidArgumentError('It is split at spaces; put what needs quotes into a script.');
  }
  return [program, ...args];
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d{1,4}(?:\.\d{1,3})?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is no number of seconds, such as 60.');
}
