import type { Command } from 'commander';
import { call } from '../approvals/api.js';
import { isDelivery, isDeliveryList } from '../approvals/approval.js';
import { printDeliveries } from '../approvals/print-approval.js';
import { addGatewayOptions, type GatewayOptions, unexpected } from '../gateway-api.js';
import { note, printJson } from '../print.js';

interface ListOptions extends GatewayOptions {
  readonly state?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** `regate approvals deliveries [retry]` */
export function addApprovalDeliveries(approvals: Command): void {
  const deliveries = addGatewayOptions(
    approvals.command('deliveries').description('list webhooks and messages that wait, or were given up'),
  )
    .option('--state <state>', 'waiting or given_up')
    .option('--limit <number>', 'how many at most, up to 200')
    .option('--cursor <cursor>', 'where to go on: what the page before named')
    .addHelpText(
      'after',
      '\nExample:\n  $ regate approvals deliveries --state given_up --credentials oncall.json',
    )
    .action(list);
  addGatewayOptions(
    deliveries.command('retry <id>').description('have one that was given up tried again, for a day'),
  )
    .addHelpText('after', '\nExample:\n  $ regate approvals deliveries retry msg_… --credentials oncall.json')
    // Its parent has the same options, and takes those that stand behind it.
    .action((id: string, _own: GatewayOptions, command: Command) => retry(id, command.optsWithGlobals()));
}

async function list(options: ListOptions): Promise<void> {
  const { state, limit, cursor } = options;
  const given = Object.entries({ state, limit, cursor }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const answer = await call(options, 'GET', `/deliveries?${new URLSearchParams(given)}`);
  if (!isDeliveryList(answer)) throw unexpected(options);
  if (options.json) {
    printJson(answer);
    return;
  }
  printDeliveries(answer.deliveries);
  if (answer.next !== undefined) note(`There may be more: --cursor ${answer.next}`);
}

async function retry(id: string, options: GatewayOptions): Promise<void> {
  const answer = await call(options, 'POST', `/deliveries/${encodeURIComponent(id)}/retry`);
  if (!isDelivery(answer)) throw unexpected(options);
  if (options.json) printJson(answer);
  else printDeliveries([answer]);
}
