import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AuditError, allRecords, recordsIn } from '../audit/index.js';
import { loadConfig } from '../config/index.js';
import { type AuditRecord, describeThrown, type Effect } from '../domain/index.js';
import type { DecisionFilter } from '../policy/index.js';
import { openStore } from '../store/index.js';
import { UsageError } from './exit.js';
import { duration, time } from './release-options.js';

/** Which part of which audit a command reads. */
export interface AuditOptions {
  readonly from?: string;
  readonly config?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  readonly principal?: string;
  readonly effect?: Effect;
  /** At most so many decisions, the oldest. */
  readonly limit?: number;
}

const EFFECTS = ['allow', 'deny', 'require_approval'] as const satisfies readonly Effect[];

export function addAuditOptions(command: Command): Command {
  return command
    .option(
      '--from <file>',
      'an export of the audit, as `regate audit tail --json` prints it; - is standard input',
    )
    .addOption(
      new Option('--config <file>', 'the configuration of a gateway whose audit is read instead').conflicts(
        'from',
      ),
    )
    .option(
      '--since <time>',
      'only decisions since then, such as 2027-01-31T00:00:00Z, or 7d for the last week',
      moment,
    )
    .option('--until <time>', 'only decisions before that', moment)
    .option('--upstream <name>', 'only decisions about this MCP server')
    .option('--method <name>', 'only about this method, such as tools/call')
    .option('--tool <name>', 'only about this tool')
    .option('--principal <id>', 'only about this caller, issuer|subject')
    .addOption(new Option('--effect <effect>', 'only what was decided so').choices(EFFECTS));
}

/** Whether the command line names an audit. */
export function namesAudit({ from, config }: AuditOptions): boolean {
  return from !== undefined || config !== undefined;
}

/** Which decisions the command line means. */
export function filterOf({
  since,
  until,
  upstream,
  method,
  tool,
  principal,
  effect,
}: AuditOptions): DecisionFilter {
  return {
    ...(since !== undefined && { since: since.toISOString() }),
    ...(until !== undefined && { until: until.toISOString() }),
    ...(upstream !== undefined && { upstream }),
    ...(method !== undefined && { method }),
    ...(tool !== undefined && { tool }),
    ...(principal !== undefined && { principal }),
    ...(effect !== undefined && { effect }),
  };
}

/**
 * Does something with the audit that the command line names.
 *
 * @throws UsageError `usage`, `unreadable_file`; whatever `work` throws
 */
export async function withAudit<Result>(
  { from, config }: AuditOptions,
  work: (records: AsyncIterable<AuditRecord>) => Promise<Result>,
): Promise<Result> {
  if (from !== undefined) return withExport(from, work);
  if (config !== undefined) return withStore(config, work);
  throw new UsageError(
    'usage',
    'which audit is not said',
    'Name an export with --from, or with --config the configuration of a gateway.',
  );
}

async function withExport<Result>(
  file: string,
  work: (records: AsyncIterable<AuditRecord>) => Promise<Result>,
): Promise<Result> {
  if (file !== '-') await mustBeReadable(file);
  const chunks: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  try {
    return await work(recordsIn(chunks));
  } catch (thrown) {
    if (thrown instanceof AuditError && thrown.code === 'export_invalid') {
      throw new UsageError('unreadable_file', thrown.message, thrown.nextStep, thrown);
    }
    throw thrown;
  }
}

async function withStore<Result>(
  config: string,
  work: (records: AsyncIterable<AuditRecord>) => Promise<Result>,
): Promise<Result> {
  const { stateDirectory } = await loadConfig(config, process.env);
  const file = join(stateDirectory, 'regate.db');
  await mustBeReadable(file);
  const store = await openStore(file);
  try {
    return await work(allRecords(store.audit));
  } finally {
    await store.close();
  }
}

async function mustBeReadable(file: string): Promise<void> {
  await access(file).catch((cause: unknown) => {
    throw new UsageError(
      'unreadable_file',
      `cannot read ${file}: ${describeThrown(cause)}`,
      'Check the path and its permissions.',
      cause,
    );
  });
}

/** A time, or how long ago it was. @throws InvalidArgumentError */
export function moment(text: string): Date {
  try {
    return /^\d+[mhd]$/.test(text) ? new Date(Date.now() - duration(text).afterSeconds * 1000) : time(text);
  } catch (cause) {
    throw new InvalidArgumentError(
      `It is no time in UTC such as 2027-01-31T00:00:00Z, nor a duration such as 7d, 12h or 30m (${describeThrown(cause)}).`,
    );
  }
}

/** How many of something. @throws InvalidArgumentError */
export function count(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It is no whole number above 0.');
}
