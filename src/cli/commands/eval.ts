import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type SignatureAlgorithm, verifyBundle } from '../../bundles/index.js';
import { describeThrown } from '../../domain/index.js';
import { evaluate, parseDecision } from '../../policy/index.js';
import { readJson } from '../../protocol/index.js';
import { UsageError } from '../exit.js';
import { print, printJson } from '../print.js';

interface Options {
  readonly bundle: string;
  readonly name: string;
  readonly key: string;
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  readonly scope?: string;
  readonly input: string;
  readonly entrypoint: string;
  readonly json?: boolean;
}

/** Generous: someone waits for this one evaluation and can interrupt it. */
const MAX_DEPTH = 1_000;
const BOUNDS = { deadlineMilliseconds: 10_000, memoryMebibytes: 1024 };

/** `regate eval` */
export function addEval(program: Command): void {
  program
    .command('eval')
    .description("say what a signed bundle decides on one input, in the gateway's own engine")
    .requiredOption('--bundle <file>', 'the bundle')
    .option('--name <name>', "the bundle's name", 'starter')
    .requiredOption('--key <file>', 'the public key that its signature must verify with (PEM)')
    .requiredOption('--key-id <id>', "that key's id")
    .option('--algorithm <name>', 'how it is signed', 'RS256')
    .option('--scope <text>', 'the scope it must have')
    .requiredOption('--input <file>', 'the input document (JSON, see schemas/input.schema.json)')
    .option('--entrypoint <path>', 'the rule to ask', 'regate/main/decision')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate eval --bundle starter.tar.gz --key keys/bundle.pub.pem --key-id 2026-11 --input call.json',
    )
    .action(async (options: Options) => {
      const publicKeyPem = (await read(options.key)).toString('utf8');
      const bundle = await verifyBundle(await read(options.bundle), {
        keys: [{ id: options.keyId, algorithm: options.algorithm, publicKeyPem }],
        bundle: options.name,
        ...(options.scope !== undefined && { scope: options.scope }),
      });
      const { bytes } = readJson(await read(options.input), { maxDepth: MAX_DEPTH });
      const result = await evaluate(bundle, bytes, { ...BOUNDS, entrypoint: options.entrypoint });
      const decision = parseDecision(result);
      if (options.json) {
        printJson({ revision: bundle.revision, decision });
        return;
      }
      print(`${decision.effect}  (${bundle.revision.bundle} ${bundle.revision.revision})`);
      for (const { policy, code, message } of decision.reasons) print(`  ${policy}: ${message} [${code}]`);
      for (const mask of decision.mask) print(`  mask ${mask.path} with ${JSON.stringify(mask.with)}`);
    });
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${path}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  });
}
