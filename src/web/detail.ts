import type { Approval, Detail, FormerCall, Vote } from './api.js';
import { changesIn } from './dialogs.js';
import { type Child, fill, h } from './dom.js';
import { type Json, jsonIn, memberOf, readJson } from './json.js';
import { ago, listed, shortName, visible } from './text.js';
import { textAsTree, tree } from './tree.js';
import type { View } from './view.js';
import { badge, needed, voteWord, whyNot } from './words.js';

/** What may be done from the view of one approval. */
export interface Deciding {
  approve(detail: Detail): void;
  narrow(detail: Detail): void;
  deny(detail: Detail): void;
  breakGlass(detail: Detail): void;
  /** Goes back to the inbox. */
  back(): void;
}

/** One approval: who asks for what and why, and what whoever looks may do about it. */
export function detail(first: Detail, deciding: Deciding): View {
  let shown = first;
  const state = h('div', { class: 'state' });
  const side = h('aside', { class: 'decide', 'aria-label': 'Decision' });
  const decided = h('div', {});
  const element = layOut(first, { state, side, decided });

  function draw(): void {
    const isOpen = shown.state === 'pending';
    fill(
      state,
      badge(shown.state),
      h('span', { class: 'muted' }, isOpen ? 'expires ' : 'expiry ', ago(shown.expires_at)),
    );
    const focused = [...side.querySelectorAll('button')].findIndex((button) => button.matches(':focus'));
    fill(side, ...sideOf(shown, deciding));
    side.querySelectorAll('button')[focused]?.focus(); // others' votes take no button from under the fingers
    fill(decided, shown.narrowed !== undefined && narrowedSection(shown, shown.narrowed));
  }

  draw();
  const ifAllowed = (allowed: boolean, act: (of: Detail) => void) => {
    if (allowed) act(shown);
  };
  return {
    element,
    title: `${first.tool ?? first.method} on ${first.upstream}`,
    update(changed) {
      if (changed === undefined || changed.id !== shown.id) return;
      shown = { ...shown, ...changed };
      draw();
    },
    keys: {
      a: () => ifAllowed(shown.you.may_vote, deciding.approve),
      d: () => ifAllowed(shown.you.may_vote, deciding.deny),
      n: () => ifAllowed(shown.you.may_vote && shown.you.may_narrow, deciding.narrow),
      u: () => deciding.back(),
    },
  };
}

/** What never changes, around the parts that do. */
function layOut(
  approval: Detail,
  changing: { readonly state: HTMLElement; readonly side: HTMLElement; readonly decided: HTMLElement },
): HTMLElement {
  const { tool, method, upstream, requester, requested_at } = approval;
  return h(
    'article',
    { class: 'detail' },
    h(
      'div',
      { class: 'head' },
      h('a', { class: 'back', href: '/approvals' }, 'All approvals'),
      changing.state,
      h(
        'h1',
        { tabindex: -1 },
        h('span', { class: 'tool' }, visible(tool ?? method)),
        h('span', { class: 'on' }, ' on ', visible(upstream)),
      ),
      h('p', { class: 'lead' }, visible(shortName(requester.id)), ' asked ', ago(requested_at)),
    ),
    h(
      'div',
      { class: 'body' },
      reasonsSection(approval),
      callSection(approval),
      changing.decided,
      differenceSection(approval),
      toolSection(approval),
      whoSection(approval),
      historySection(approval),
    ),
    changing.side,
  );
}

function reasonsSection({ reasons }: Detail): HTMLElement {
  const lines = reasons.map(({ message, policy, code }) =>
    h('li', {}, visible(message), h('span', { class: 'muted code' }, ' ', visible(`${policy}: ${code}`))),
  );
  return section('Why a human is asked', h('ul', { class: 'reasons' }, ...lines));
}

function section(title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', {}, h('h2', {}, title), ...children);
}

/** The decision, and where it stands. */
function sideOf(approval: Detail, deciding: Deciding): readonly Child[] {
  const { you, votes, all_of, grant, uses } = approval;
  const button = (kind: string, key: string, text: string, act: (of: Detail) => void) =>
    h(
      'button',
      { type: 'button', class: kind, onclick: () => act(approval) },
      text,
      key !== '' && h('kbd', {}, key),
    );
  return [
    you.may_vote || you.may_break_glass
      ? h(
          'div',
          { class: 'actions' },
          you.may_vote && button('primary', 'a', 'Approve', deciding.approve),
          you.may_vote && button('danger', 'd', 'Deny', deciding.deny),
          you.may_vote && you.may_narrow && button('quiet', 'n', 'Approve with changes', deciding.narrow),
          you.may_break_glass && button('glass', '', 'Break glass', deciding.breakGlass),
        )
      : h('p', { class: 'closed' }, whyNot(approval)),
    h('h2', {}, 'Who must agree'),
    h(
      'ul',
      { class: 'bodies' },
      ...all_of.map((body) =>
        h(
          'li',
          {},
          visible(needed(body)),
          body.escalate !== undefined &&
            h(
              'span',
              { class: 'muted' },
              visible(`, after ${spoken(body.escalate.after_seconds)} also ${listed(body.escalate.groups)}`),
            ),
        ),
      ),
    ),
    grant !== undefined && h('p', { class: 'muted' }, visible(grantWords(grant, uses))),
    votes.length > 0 && h('h2', {}, 'Votes'),
    votes.length > 0 && h('ul', { class: 'votes' }, ...votes.map(voteLine)),
  ];
}

function voteLine(vote: Vote): HTMLElement {
  return h(
    'li',
    { class: vote.break_glass ? 'vote glass' : `vote ${vote.verdict}` },
    h('span', {}, h('strong', {}, visible(shortName(vote.voter))), ` ${voteWord(vote)} `, ago(vote.at)),
    vote.note !== undefined && vote.note !== '' && h('q', {}, visible(vote.note)),
  );
}

function grantWords(
  { uses, valid_seconds, class: name }: NonNullable<Approval['grant']>,
  used: number,
): string {
  const often = uses === 1 ? 'once' : `${uses} times`;
  const what = name === undefined ? 'This call may then run' : `Calls of the class “${name}” may then run`;
  return `${what} ${often}, for ${spoken(valid_seconds)}${used > 0 ? `; it ran ${used === 1 ? 'once' : `${used} times`}` : ''}.`;
}

function spoken(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}

function callSection(approval: Detail): HTMLElement {
  return section(
    'What will run',
    approval.arguments_masked &&
      h('p', { class: 'notice' }, 'Policy masks some of these values; they are shown masked.'),
    argumentsOf(approval),
    ...besidesOf(approval),
    h('p', { class: 'muted code digest' }, approval.arguments_digest),
  );
}

/** A tool's arguments; of any other call, all its parameters. */
function argumentsOf({ arguments: text, method }: Detail): HTMLElement {
  const params = jsonIn(text);
  if (params === undefined || method !== 'tools/call') return textAsTree(text);
  const given = memberOf(params, 'arguments');
  return given === undefined || isEmpty(given) ? h('p', { class: 'muted' }, 'No arguments.') : tree(given);
}

/** What a call of a tool brings beside its arguments, such as answers to what its server asked: it runs as well. */
function besidesOf({ arguments: text, method }: Detail): HTMLElement[] {
  const params = jsonIn(text);
  if (method !== 'tools/call' || params?.kind !== 'object') return [];
  const members = params.members.filter(([name]) => !['name', 'arguments', '_meta'].includes(name));
  return members.length === 0 ? [] : [h('h3', {}, 'Sent along'), tree({ ...params, members })];
}

function isEmpty(json: Json): boolean {
  return json.kind === 'object' && json.members.length === 0;
}

function narrowedSection(approval: Detail, narrowed: string): HTMLElement {
  const title = approval.state === 'pending' ? 'Agreed to with these changes' : 'Approved with these changes';
  return section(title, changesIn(approval, readJson(narrowed)));
}

/** In which way the tool is not as somebody looked at it before. */
function differenceSection({ tool_difference: text }: Detail): HTMLElement | undefined {
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => {
    const tag = line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : 'span';
    return h(tag, {}, visible(line), '\n');
  });
  return section('What changed in the tool since it was pinned', h('pre', { class: 'difference' }, ...lines));
}

function toolSection({ tool, tool_definition: text, tool_digest: digest }: Detail): HTMLElement | undefined {
  if (tool === undefined) return undefined;
  if (text === undefined)
    return section(
      'The tool',
      h('p', { class: 'muted' }, 'The server has not listed this tool, so its definition is not known.'),
    );
  const definition = jsonIn(text);
  if (definition === undefined) return section('The tool', textAsTree(text));
  const description = memberOf(definition, 'description');
  const hints = memberOf(definition, 'annotations');
  const saying = (name: string) => {
    const hint = hints === undefined ? undefined : memberOf(hints, name);
    return hint?.kind === 'boolean' ? hint.text : undefined;
  };
  return section(
    'The tool, in its server’s own words',
    description?.kind === 'string' && h('p', { class: 'prose' }, visible(description.value)),
    h(
      'p',
      { class: 'chips' },
      saying('readOnlyHint') === 'true' && h('span', { class: 'chip' }, 'says it only reads'),
      saying('destructiveHint') === 'true' && h('span', { class: 'chip warn' }, 'says it may destroy'),
      saying('idempotentHint') === 'true' && h('span', { class: 'chip' }, 'says it can be repeated'),
      saying('openWorldHint') === 'true' && h('span', { class: 'chip' }, 'says it reaches outside'),
    ),
    h(
      'details',
      {},
      h('summary', {}, 'Whole definition'),
      tree(definition),
      digest !== undefined && h('p', { class: 'muted code digest' }, digest),
    ),
  );
}

function whoSection({ requester, revision }: Detail): HTMLElement {
  const { id, kind, client_id, groups, roles, workload = {} } = requester;
  const line = (name: string, value: string) =>
    value !== '' && h('div', {}, h('dt', {}, name), h('dd', {}, visible(value)));
  return section(
    'Who asks',
    h(
      'dl',
      { class: 'facts' },
      line('Identity', id),
      line('Kind', kind.replaceAll('_', ' ')),
      line('Client', client_id),
      line('Groups', groups.join(', ')),
      line('Roles', roles.join(', ')),
      ...Object.entries(workload).map(([name, value]) => line(name.replaceAll('_', ' '), String(value))),
      line('Held by policy', `${revision.bundle} ${revision.revision}`),
    ),
  );
}

const OUTCOMES: Readonly<Record<FormerCall['outcome'], string>> = {
  allow: 'allowed',
  deny: 'denied by policy',
  require_approval: 'held for approval',
  refused: 'refused',
};

function historySection({ history: { calls, approvals } }: Detail): HTMLElement {
  return section(
    'What it did before',
    calls.length === 0 && h('p', { class: 'muted' }, 'Nothing is recorded of this identity.'),
    calls.length > 0 &&
      h(
        'ol',
        { class: 'history' },
        ...calls.map(({ time, upstream = '', method = '', tool, outcome, why }) =>
          h(
            'li',
            {},
            h('span', { class: `outcome ${outcome}` }, OUTCOMES[outcome]),
            h('span', { class: 'tool' }, visible(tool ?? method)),
            h('span', { class: 'muted' }, visible(upstream), ' ', ago(time)),
            why !== undefined && h('span', { class: 'why muted' }, visible(why)),
          ),
        ),
      ),
    approvals.length > 0 && h('h3', {}, 'Former approvals'),
    approvals.length > 0 &&
      h(
        'ul',
        { class: 'history' },
        ...approvals.map(({ id, state, tool, method, requested_at }) =>
          h(
            'li',
            {},
            badge(state),
            h('a', { class: 'tool', href: `/approvals/${id}` }, visible(tool ?? method)),
            ago(requested_at),
          ),
        ),
      ),
  );
}
