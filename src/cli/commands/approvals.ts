import type { Command } from 'commander';
import { shapeCheck } from '../../domain/index.js';
import { addGatewayOptions, callGateway, type GatewayOptions, unexpected } from '../gateway-api.js';
import { print, printJson, table, visible } from '../print.js';

interface ShownApproval {
  readonly id: string;
  readonly state: string;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly principal: string;
  readonly upstream: string;
  readonly method: string;
  readonly tool?: string;
  readonly arguments: string;
  readonly groups: readonly string[];
  readonly quorum: number;
  readonly reasons: readonly { readonly message: string }[];
  readonly votes: readonly {
    readonly voter: string;
    readonly verdict: string;
    readonly at: string;
    readonly note?: string;
  }[];
}

const STRING = { type: 'string' } as const;
const APPROVAL = {
  type: 'object',
  required: [
    'id',
    'state',
    'requested_at',
    'expires_at',
    'principal',
    'upstream',
    'method',
    'arguments',
    'groups',
    'quorum',
    'reasons',
    'votes',
  ],
  properties: {
    id: STRING,
    state: STRING,
    requested_at: STRING,
    expires_at: STRING,
    principal: STRING,
    upstream: STRING,
    method: STRING,
    tool: STRING,
    arguments: STRING,
    groups: { type: 'array', items: STRING },
    quorum: { type: 'integer' },
    reasons: {
      type: 'array',
      items: { type: 'object', required: ['message'], properties: { message: STRING } },
    },
    votes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['voter', 'verdict', 'at'],
        properties: { voter: STRING, verdict: STRING, at: STRING, note: STRING },
      },
    },
  },
} as const;
const isApproval = shapeCheck<ShownApproval>(APPROVAL);
const isApprovalList = shapeCheck<{ approvals: ShownApproval[] }>({
  type: 'object',
  required: ['approvals'],
  properties: { approvals: { type: 'array', items: APPROVAL } },
});
type Options = GatewayOptions;

/** `regate approvals list|show|approve|deny` */
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
    'regate approvals list --credentials oncall.json',
  )
    .option('--state <state>', 'pending, approved, denied, expired or spent')
    .action(async (options: Options & { state?: string }) => {
      const query = options.state === undefined ? '' : `?state=${encodeURIComponent(options.state)}`;
      const answer = await call(options, 'GET', query);
      if (!isApprovalList(answer)) throw unexpected(options);
      if (options.json) printJson(answer.approvals);
      else if (answer.approvals.length === 0) print('No approvals.');
      else print(table(['ID', 'STATE', 'TOOL', 'WHO', 'GROUPS', 'EXPIRES'], answer.approvals.map(row)));
    });
  add(
    'show <id>',
    'show one approval: who asks, for what, with which arguments, and why',
    'regate approvals show apr_… --credentials oncall.json',
  ).action(async (id: string, options: Options) =>
    show(options, await call(options, 'GET', `/${encodeURIComponent(id)}`)),
  );
  for (const verdict of ['approve', 'deny'] as const) {
    add(
      `${verdict} <id>`,
      `${verdict} a call, exactly as it was asked for`,
      `regate approvals ${verdict} apr_… --credentials oncall.json --note "checked with the customer"`,
    )
      .option('--note <text>', 'why; kept with the vote')
      .action(async (id: string, options: Options & { note?: string }) => {
        show(
          options,
          await call(options, 'POST', `/${encodeURIComponent(id)}/${verdict}`, { note: options.note }),
        );
      });
  }
}

function row(approval: ShownApproval): string[] {
  const { id, state, tool, method, upstream, principal, groups, expires_at } = approval;
  return [id, state, `${upstream}/${tool ?? method}`, principal, groups.join(','), expires_at];
}

function show(options: Options, answer: unknown): void {
  if (!isApproval(answer)) throw unexpected(options);
  if (options.json) {
    printJson(answer);
    return;
  }
  const { id, state, upstream, tool, method, principal, groups, quorum, expires_at, reasons, votes } = answer;
  print(`${id}  ${state}`);
  print(`  call       ${upstream}/${visible(tool ?? method)}`);
  print(`  arguments  ${visible(answer.arguments)}`);
  print(`  who        ${visible(principal)}`);
  for (const { message } of reasons) print(`  why        ${visible(message)}`);
  print(`  approvers  ${quorum} of ${groups.join(', ')}, until ${expires_at}`);
  for (const { voter, verdict, at, note } of votes) {
    print(
      `  vote       ${verdict} by ${visible(voter)} at ${at}${note === undefined ? '' : `: ${visible(note)}`}`,
    );
  }
}

function call(options: Options, method: string, path: string, body?: object): Promise<unknown> {
  return callGateway(options, method, `/api/approvals${path}`, body);
}
