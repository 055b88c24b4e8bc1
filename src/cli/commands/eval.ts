import type { Command } from 'commander';
import { evaluate, parseDecision } from '../../policy/index.js';
import { readJson } from '../../protocol/index.js';
import { withFacts } from '../bundle-facts.js';
import { addTrustOptions, readNamed, type TrustOptions, trustOf, verifiedFile } from '../bundle-trust.js';
import { print, printJson } from '../print.js';

interface Options extends TrustOptions {
  readonly bundle: string;
  readonly input: string;
  readonly entrypoint: string;
  readonly json?: boolean;
}

/** Generous: someone waits for this one evaluation and can interrupt it. */
const MAX_DEPTH = 1_000;
const BOUNDS = { deadlineMilliseconds: 10_000, memoryMebibytes: 1024 };

/** `regate eval` */
export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .description("say what a signed bundle decides on one input, in the gateway's own engine")
    .requiredOption('--bundle <file>', 'the bundle');
  addTrustOptions(command)
    .requiredOption('--input <file>', 'the input document (JSON, see schemas/input.schema.json)')
    .option('--entrypoint <path>', 'the rule to ask', 'regate/main/decision')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate eval --bundle starter.tar.gz --key keys/bundle.pub.pem --key-id 2026-11 --input call.json',
    )
    .action(async (options: Options) => {
      const bundle = await verifiedFile(options.bundle, await trustOf(options));
      const input = readJson(await readNamed(options.input), { maxDepth: MAX_DEPTH });
      const bytes = await withFacts(bundle.data, input);
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
