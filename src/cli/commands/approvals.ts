import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { describeThrown } from '../../domain/index.js';
import { call, changes } from '../approvals/api.js';
import { isApproval, isApprovalList, isListedApproval } from '../approvals/approval.js';
import { printApproval, printChange, printList } from '../approvals/print-approval.js';
import { UsageError } from '../exit.js';
import { addGatewayOptions, type GatewayOptions, unexpected } from '../gateway-api.js';
import { note, print, printJson } from '../print.js';
import { addApprovalDeliveries } from './approval-deliveries.js';

type Options = GatewayOptions;

interface ListOptions extends Options {
  readonly state?: string;
  readonly principal?: string;
  readonly upstream?: string;
  readonly tool?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

interface VoteOptions extends Options {
  readonly note?: string;
  readonly arguments?: string;
  readonly breakGlass?: boolean;
}

/** `regate approvals list|show|approve|deny|watch|deliveries` */
export function addApprovals(program: Command): void {
  const approvals = program.command('approvals').description('see and decide on calls that wait for a human');
  const add = (name: string, description: string, example: string) =>
    addGatewayOptions(approvals.command(name).description(description)).addHelpText(
      'after',
      `\nExample:\n  $ ${example}`,
    );

  add(
    'list',
    'list the approvals that you may decide on or asked for',
    'regate approvals list --state pending --credentials oncall.json',
  )
    .option('--state <state>', 'pending, approved, denied, expired or spent')
    .option('--principal <id>', 'only calls of this principal')
    .option('--upstream <name>', 'only calls to this upstream')
    .option('--tool <name>', 'only calls of this tool')
    .option('--limit <number>', 'how many at most, up to 200')
    .option('--cursor <cursor>', 'where to go on: what the page before named')
    .action(list);
  add(
    'show <id>',
    'show one approval: who asks, for what, with which arguments, and why',
    'regate approvals show apr_… --credentials oncall.json',
  ).action(async (id: string, options: Options) =>
    show(options, await call(options, 'GET', `/${encodeURIComponent(id)}`)),
  );
  add(
    'approve <id>',
    'approve a call, exactly as it was asked for or with narrowed arguments',
    'regate approvals approve apr_… --credentials oncall.json --note "checked with the customer"',
  )
    .option('--note <text>', 'why; kept with the vote')
    .option('--arguments <file>', "JSON of the tool's arguments with which it may run instead")
    .option('--break-glass', 'let this one vote stand in for all others; needs --note')
    .action((id: string, options: VoteOptions) => vote(id, 'approve', options));
  add(
    'deny <id>',
    'deny a call',
    'regate approvals deny apr_… --credentials oncall.json --note "not this customer"',
  )
    .option('--note <text>', 'why; kept with the vote')
    .action((id: string, options: VoteOptions) => vote(id, 'deny', options));
  add(
    'watch',
    'print each change of an approval as it happens, until interrupted',
    'regate approvals watch --credentials oncall.json',
  ).action(watch);
  addApprovalDeliveries(approvals);
}

async function list(options: ListOptions): Promise<void> {
  const { state, principal, upstream, tool, limit, cursor } = options;
  const given = Object.entries({ state, principal, upstream, tool, limit, cursor }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const answer = await call(options, 'GET', `?${new URLSearchParams(given)}`);
  if (!isApprovalList(answer)) throw unexpected(options);
  if (options.json) {
    printJson(answer);
    return;
  }
  printList(answer.approvals);
  if (answer.next !== undefined) note(`There may be more: --cursor ${answer.next}`);
}

async function vote(id: string, verdict: 'approve' | 'deny', options: VoteOptions): Promise<void> {
  const { arguments: file, breakGlass } = options;
  const narrowed = file === undefined ? undefined : await readArguments(file);
  const ballot = { note: options.note, arguments: narrowed, break_glass: breakGlass };
  show(options, await call(options, 'POST', `/${encodeURIComponent(id)}/${verdict}`, ballot));
}

async function readArguments(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const why = describeThrown(cause);
    throw new UsageError('unreadable_file', `${file} cannot be read: ${why}`, 'Check the path.', cause);
  });
}

function show(options: Options, answer: unknown): void {
  if (!isApproval(answer)) throw unexpected(options);
  if (options.json) printJson(answer);
  else printApproval(answer);
}

async function watch(options: Options): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
  try {
    for await (const { event, data } of changes(options, interrupted.signal)) {
      if (event === 'open') note('Watching; Ctrl-C ends it.');
      if (event !== 'approval') continue;
      const approval: unknown = JSON.parse(data);
      if (!isListedApproval(approval)) throw unexpected(options);
      if (options.json) print(JSON.stringify(approval));
      else printChange(approval);
    }
  } catch (thrown) {
    if (!interrupted.signal.aborted) throw thrown;
  }
  if (!interrupted.signal.aborted)
    throw new UsageError('unreachable', 'the gateway ended the stream', 'Start the command again.');
}
