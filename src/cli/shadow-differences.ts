import { printable, type ShadowGroup, type ShadowReport } from '../audit/index.js';
import type { Revision } from '../domain/index.js';

/** The rest is in the JSON. */
const MOST_SHOWN = 50;
const LONGEST_NAME = 60;

/** What a shadow revision would have changed, for a person: each difference, and how many decisions it concerns. */
export function describeShadow(report: ShadowReport): string {
  const { compared, different, failed, skipped, groups } = report;
  const shown = groups.slice(0, MOST_SHOWN);
  const left = groups.length - shown.length;
  return [
    `Shadow ${nameOf(report.shadow_revision)} beside ${report.revisions.map(nameOf).join(', ')}`,
    `from ${report.from} to ${report.to}`,
    '',
    `${decisions(compared)} compared: ${different} different, ${failed} failed. ${skipped} skipped.`,
    ...shown.flatMap((group) => ['', ...describeGroup(group)]),
    ...(left > 0 ? ['', `${left} more kinds of difference: --json shows them.`] : []),
    ...(report.in_no_group > 0 ? ['', `${decisions(report.in_no_group)} more were counted only.`] : []),
  ].join('\n');
}

function describeGroup(group: ShadowGroup): string[] {
  const { upstream, direction, principals, example } = group;
  const way = direction === 'to_client' ? ', to the client' : '';
  const at = upstream === undefined ? '' : ` at ${short(upstream)}`;
  return [
    `${changeOf(group)}: ${decisions(group.decisions)} by ${people(principals)}`,
    `  ${whatOf(group)}${at}${way}`,
    ...detailsOf(group).map((detail) => `  ${detail}`),
    `  such as decision ${short(example)}`,
  ];
}

function changeOf({ effect, failure }: ShadowGroup): string {
  if (failure !== undefined) return `failed with ${short(failure)}`;
  return effect === undefined ? 'same effect' : `${effect.before} -> ${effect.after}`;
}

function whatOf({ method, tool }: ShadowGroup): string {
  return [method, tool].flatMap((name) => (name === undefined ? [] : [short(name)])).join(' ') || 'a message';
}

function detailsOf({ effect, reasons, labels, approval, mask, limits, scopes }: ShadowGroup): string[] {
  const reworded = reasons.added.filter((reason) => reasons.removed.includes(reason));
  const isNew = (reason: string) => !reworded.includes(reason);
  return [
    ...reasons.added.filter(isNew).map((reason) => `+ ${short(reason)}`),
    ...reasons.removed.filter(isNew).map((reason) => `- ${short(reason)}`),
    ...reworded.map((reason) => `${short(reason)} in other words`),
    ...labels.added.map((label) => `+ label ${short(label)}`),
    ...labels.removed.map((label) => `- label ${short(label)}`),
    // That an approval is demanded, or is not any more, the effect says.
    ...(approval && effect === undefined ? ['other approvers'] : []),
    ...(mask ? ['other masks'] : []),
    ...(limits ? ['other limits'] : []),
    // That scopes are asked for, or are not any more, the effect says.
    ...(scopes && effect === undefined ? ['other scopes'] : []),
  ];
}

function people(principals: number): string {
  if (principals === 1) return '1 principal';
  return principals === 1_000 ? '1000 principals or more' : `${principals} principals`;
}

function decisions(number: number): string {
  return number === 1 ? '1 decision' : `${number} decisions`;
}

function nameOf({ bundle, revision }: Revision): string {
  return short(`${bundle}@${revision}`);
}

function short(name: string): string {
  return printable(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}
