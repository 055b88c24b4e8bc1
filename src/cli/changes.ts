import type { ChangeGroup, Replay } from '../policy/index.js';
import { table, visible } from './print.js';

const HEADER = ['CHANGE', 'WHAT', 'UPSTREAM', 'WHY', 'DECISIONS', 'PRINCIPALS', 'EXAMPLE'];

/** What a replay found, for a person: a table of what changed, and what to know of it. @param by names the policy */
export function describeReplay(replay: Replay, by: string): string {
  const { groups, unmet } = replay;
  const parts = [
    section(
      '',
      groups.filter(({ expected }) => !expected),
    ),
    section(
      'Expected:\n',
      groups.filter(({ expected }) => expected),
    ),
    [
      summary(replay, by),
      ...remarks(replay),
      ...unmet.map(
        (expectation) => `No change fits the expectation ${visible(JSON.stringify(expectation))}.`,
      ),
    ].join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(heading: string, groups: readonly ChangeGroup[]): string {
  return groups.length === 0 ? '' : heading + table(HEADER, groups.map(row));
}

function row(group: ChangeGroup): string[] {
  const { before, after, upstream = '-', decisions, principals, example } = group;
  return [
    before === after ? before : `${before} → ${after}`,
    what(group),
    upstream,
    why(group).join(' ') || '-',
    String(decisions),
    principals === 1000 ? '1000+' : String(principals),
    example.decision_id,
  ];
}

function what({ direction, method = '-', tool }: ChangeGroup): string {
  const name = tool ?? method;
  return direction === 'to_client' ? `${name} (to the client)` : name;
}

function why({ failure, reasons, labels, approval, mask, limits, scopes }: ChangeGroup): string[] {
  return [
    ...(failure === undefined ? [] : [failure]),
    ...reasons.added.map((reason) => `+${reason}`),
    ...reasons.removed.map((reason) => `-${reason}`),
    ...labels.added.map((label) => `+label:${label}`),
    ...labels.removed.map((label) => `-label:${label}`),
    ...(approval ? ['approval'] : []),
    ...(mask ? ['masks'] : []),
    ...(limits ? ['limits'] : []),
    ...(scopes ? ['scopes'] : []),
  ];
}

function summary({ replayed, changed, expected, from, to }: Replay, by: string): string {
  const when = from === undefined || to === undefined ? '' : `, of ${from} to ${to}`;
  const done = `${decisions(replayed)} replayed by ${by}${when}`;
  if (changed === 0) return `${done}: nothing would change.`;
  return `${done}: ${changed} would change${expected === 0 ? '' : `, ${expected} of them as expected`}.`;
}

function remarks(replay: Replay): string[] {
  const { masked, replayed, not_recorded: missing, failed, in_no_group: others, compared_with: by } = replay;
  return [
    ...(by === 'audit' && replayed > 0
      ? [
          'Compared with the audit: effects, reasons, scopes and labels. --base compares masks, limits and approvals too.',
        ]
      : []),
    ...(failed > 0 ? [`${decisions(failed)} could not be had.`] : []),
    ...(others > 0
      ? [`${decisions(others)} that would change too are in no row: there are too many kinds.`]
      : []),
    ...(masked > 0
      ? [
          `${masked} of ${replayed} inputs are masked: policies that look into masked values may decide otherwise.`,
        ]
      : []),
    ...(replay.with_data_bundles > 0
      ? [
          `${decisions(replay.with_data_bundles)} had data bundles beside the policy's: replaying has only the data that is in the bundle.`,
        ]
      : []),
    ...(missing > 0
      ? [`${decisions(missing)} not replayed: the audit does not hold what policy was shown.`]
      : []),
  ];
}

function decisions(number: number): string {
  return number === 1 ? '1 decision' : `${number} decisions`;
}
