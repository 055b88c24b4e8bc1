import { print, table, visible } from '../print.js';
import type { ListedApproval, ShownApproval, ShownDelivery } from './approval.js';

/** Approvals as columns, for a person. */
export function printList(approvals: readonly ListedApproval[]): void {
  if (approvals.length === 0) print('No approvals.');
  else print(table(['ID', 'STATE', 'TOOL', 'WHO', 'GROUPS', 'AGREED', 'EXPIRES'], approvals.map(row)));
}

function row(approval: ListedApproval): string[] {
  const { id, state, tool, method, upstream, principal, all_of, agreed, needed, expires_at } = approval;
  const groups = [...new Set(all_of.flatMap((body) => body.groups))];
  const call = `${upstream}/${tool ?? method}`;
  return [id, state, call, principal, groups.join(','), `${agreed} of ${needed}`, expires_at];
}

/** Deliveries as columns, for a person. */
export function printDeliveries(deliveries: readonly ShownDelivery[]): void {
  const columns = ['ID', 'STATE', 'DOOR', 'APPROVAL', 'EVENT', 'ERROR', 'TRIES', 'NEXT TRY'];
  if (deliveries.length === 0) print('Nothing waits to be told, and nothing was given up.');
  else print(table(columns, deliveries.map(deliveryRow)));
}

function deliveryRow({ id, state, door, approval, event, failure, tries, next_try_at }: ShownDelivery) {
  return [id, state, door, approval, event, failure ?? '-', String(tries), next_try_at ?? '-'];
}

/** One approval in full, for a person. */
export function printApproval(approval: ShownApproval): void {
  const { id, state, upstream, tool, method, principal, requester, all_of, expires_at, you } = approval;
  print(`${id}  ${state}`);
  print(`  call       ${upstream}/${visible(tool ?? method)}`);
  const masked = approval.arguments_masked ? ' (values masked)' : '';
  print(`  arguments  ${visible(approval.arguments)}${masked}`);
  if (approval.narrowed !== undefined) print(`  approved   with ${visible(approval.narrowed)} instead`);
  print(`  who        ${visible(principal)} (${requester.kind}, client ${visible(requester.client_id)})`);
  for (const line of approval.tool_difference?.split('\n') ?? []) print(`  changed    ${visible(line)}`);
  for (const { message } of approval.reasons) print(`  why        ${visible(message)}`);
  for (const { groups, quorum, break_glass } of all_of) {
    const glass = break_glass === undefined ? '' : `; ${break_glass.join(', ')} may break the glass`;
    print(`  approvers  ${quorum} of ${visible(groups.join(', '))}, until ${expires_at}${visible(glass)}`);
  }
  for (const { voter, verdict, at, note, break_glass } of approval.votes) {
    const how = break_glass ? `${verdict}, glass broken,` : verdict;
    const why = note === undefined ? '' : `: ${visible(note)}`;
    print(`  vote       ${how} by ${visible(voter)} at ${at}${why}`);
  }
  if (state === 'pending') print(`  you        ${may(you)}`);
}

function may({ may_vote, may_break_glass, why = '' }: ShownApproval['you']): string {
  if (may_vote) return may_break_glass ? 'may vote, or break the glass' : 'may vote';
  return may_break_glass ? 'may break the glass' : `may not vote (${why})`;
}

/** A change, on one line. */
export function printChange(approval: ListedApproval): void {
  const { id, state, upstream, tool, method, principal } = approval;
  print([id, state.padEnd(8), `${upstream}/${tool ?? method}`, principal].map(visible).join('  '));
}
