import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type SignatureAlgorithm, type Trust, verifyBundle } from '../bundles/index.js';
import { describeThrown, type VerifiedBundle } from '../domain/index.js';
import { UsageError } from './exit.js';

/** Whose bundles a command takes. */
export interface TrustOptions {
  readonly name: string;
  readonly key: string;
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  readonly scope?: string;
}

/** A bundle's name in a trust. */
export type NamedTrust = Trust & { readonly bundle: string };

export function addTrustOptions(command: Command): Command {
  return command
    .option('--name <name>', "the bundle's name", 'starter')
    .requiredOption('--key <file>', 'the public key that its signature must verify with (PEM)')
    .requiredOption('--key-id <id>', "that key's id")
    .option('--algorithm <name>', 'how it is signed', 'RS256')
    .option('--scope <text>', 'the scope it must have');
}

/** @throws UsageError `unreadable_file` */
export async function trustOf({ name, key, keyId, algorithm, scope }: TrustOptions): Promise<NamedTrust> {
  const publicKeyPem = (await readNamed(key)).toString('utf8');
  return {
    keys: [{ id: keyId, algorithm, publicKeyPem }],
    bundle: name,
    ...(scope !== undefined && { scope }),
  };
}

/** @throws UsageError `unreadable_file`; BundleError where it is not what is trusted */
export async function verifiedFile(file: string, trust: NamedTrust): Promise<VerifiedBundle> {
  return verifyBundle(await readNamed(file), trust);
}

/** A file that the command line names. @throws UsageError `unreadable_file` */
export async function readNamed(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${path}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  });
}
