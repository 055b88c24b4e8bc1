import type { ApprovalRequirement } from '../../domain/index.js';
import type { Approval } from '../approval.js';

/** Slack's `action_id` of the two buttons. */
export const APPROVE_ACTION = 'regate_approve';
export const DENY_ACTION = 'regate_deny';

/** In characters as they are sent, escapes included. Slack takes 3,000 in one text. */
const LONGEST_ARGUMENTS = 2_000;
const LONGEST_TEXT = 1_500;
const LONGEST_LINE = 300;
const CUT = '…';

/** Slack's three escapes: whatever mentions or links begins with one of these. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);
/** What begins or ends markup, in a code block and elsewhere; with a space of no width before it, it does not. */
const MARKS_IN_CODE = /`/;
const MARKS = /[`*_~:]/;
const ZERO_WIDTH_SPACE = '\u200b';
/** What cannot be seen, or turns the order of others around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** What is shown of an approval in Slack: the arguments of `chat.postMessage` and `chat.update`, but where to. */
export interface SlackMessage {
  /** For notifications, and for who cannot see blocks. */
  readonly text: string;
  readonly blocks: readonly object[];
  /** Whether all that is approved can be seen. If not, it can be denied here, and approved on the page alone. */
  readonly isWhole: boolean;
}

/**
 * An approval in Slack's blocks, with buttons while it is pending. All that callers, servers and voters wrote stays text: it
 * mentions nobody, links nowhere, and hides nothing.
 *
 * @param url - where it is decided beside Slack
 */
export function slackMessage(approval: Approval, url: string): SlackMessage {
  const { id, call, shown, state, narrowed } = approval;
  const what = line(`${call.upstream}: ${call.tool?.name ?? call.method}`);
  const asked = escaped(shown.arguments, LONGEST_ARGUMENTS, MARKS_IN_CODE);
  const why = escaped(shown.reasons.map(({ message }) => message).join('\n'), LONGEST_TEXT, MARKS);
  const isWhole = !asked.isCut && !what.isCut && narrowed === undefined;
  const text = `${OUTCOMES[state]}: ${what.text}, for ${line(call.principalId).text}`;
  const blocks = [
    section(`*${text}*`),
    section(`*Arguments*${asked.isCut ? ' (their beginning)' : ''}\n\`\`\`\n${asked.text}\n\`\`\``),
    ...(why.text === '' ? [] : [section(`*Why*\n${why.text}`)]),
    section(`${foot(approval)}\n<${url.replace(/[&<>|]/g, encodeURIComponent)}|Look at all of it>`),
    ...(state === 'pending' ? [buttons(id, isWhole)] : []),
  ];
  return { text, blocks, isWhole };
}

const OUTCOMES = {
  pending: 'Approval needed',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired',
  spent: 'Approved and used',
} as const satisfies Record<Approval['state'], string>;

function foot({ id, state, requirement, expiresAt, shown, narrowed, votes }: Approval): string {
  const isPending = state === 'pending';
  const lines = [
    id,
    ...(shown.masked === true ? ['Policy masks some of the arguments.'] : []),
    ...(narrowed === undefined ? [] : ['Somebody agreed to other arguments: the page shows them.']),
    ...(isPending ? [`Must agree: ${needed(requirement)}`] : []),
    ...votes.map(said),
  ];
  const { text } = escaped(lines.join('\n'), LONGEST_TEXT, MARKS);
  if (!isPending) return text;
  const seconds = Math.floor(Date.parse(expiresAt) / 1000);
  return `${text}\nUntil <!date^${seconds}^{date_short_pretty} {time}|${expiresAt}>`;
}

function needed({ all_of }: ApprovalRequirement): string {
  return all_of.map(({ groups, quorum }) => `${quorum} of ${groups.join(' or ')}`).join('; ');
}

function said({ voter, verdict, note, breaksGlass }: Approval['votes'][number]): string {
  const how = breaksGlass === true ? ', breaking the glass' : '';
  const why = note === undefined ? '' : `: ${note.replace(/\s+/g, ' ')}`;
  return `${verdict === 'approve' ? 'Agreed' : 'Denied'} by ${voter}${how}${why}`;
}

function buttons(id: string, isWhole: boolean): object {
  const button = (action_id: string, text: string, style: string) => ({
    type: 'button',
    action_id,
    style,
    text: { type: 'plain_text', text },
    value: id,
  });
  return {
    type: 'actions',
    elements: [
      ...(isWhole ? [button(APPROVE_ACTION, 'Approve', 'primary')] : []),
      button(DENY_ACTION, 'Deny', 'danger'),
    ],
  };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function line(text: string): { text: string; isCut: boolean } {
  return escaped(text.replace(/\s+/g, ' '), LONGEST_LINE, MARKS);
}

function escaped(text: string, most: number, marks: RegExp): { text: string; isCut: boolean } {
  let written = '';
  for (const character of text) {
    const next = written + escapedCharacter(character, marks);
    if (next.length > most) return { text: `${written}${CUT}`, isCut: true };
    written = next;
  }
  return { text: written, isCut: false };
}

function escapedCharacter(character: string, marks: RegExp): string {
  const entity = ENTITIES.get(character);
  if (entity !== undefined) return entity;
  if (marks.test(character)) return `${ZERO_WIDTH_SPACE}${character}`;
  if (character === '\n' || character === '\t' || !UNSEEN.test(character)) return character;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
