import type { Summary } from './api.js';
import { fill, h } from './dom.js';
import type { Feed } from './feed.js';
import { ago, shortName, visible } from './text.js';
import type { View } from './view.js';
import { badge, progress } from './words.js';

const PATH = '/approvals';

/** The approvals that are there for whoever looks, as far as they were read: those to decide first. */
export function inbox(all: ReadonlyMap<string, Summary>, showsDecided: boolean, feed: Feed): View {
  let wanted = '';
  const groups = h('div', { class: 'groups' });
  const more = h('button', { type: 'button', class: 'more', onclick: () => void readMore() }, 'Show more');
  const filter = filterField((text) => {
    wanted = text;
    draw();
  });
  const tabs = h('nav', { class: 'tabs', 'aria-label': 'Which approvals' });
  const element = h(
    'div',
    { class: 'inbox' },
    h(
      'div',
      { class: 'bar' },
      h('h1', { tabindex: -1 }, showsDecided ? 'Decided' : 'Approvals'),
      tabs,
      filter,
    ),
    groups,
    more,
  );

  async function readMore(): Promise<void> {
    const rows = groups.querySelectorAll('a.row').length;
    more.disabled = true;
    await feed.more();
    more.disabled = false;
    draw();
    // The button may be gone, and whoever pressed it goes on where the new ones begin.
    groups.querySelectorAll<HTMLElement>('a.row')[rows]?.focus();
  }

  function draw(): void {
    const found = [...all.values()]
      .filter((approval) => matches(approval, wanted))
      .sort((one, other) => other.requested_at.localeCompare(one.requested_at));
    const pending = found.filter(({ state }) => state === 'pending');
    fill(
      tabs,
      tab('Open', PATH, !showsDecided, pending.length, !showsDecided && feed.hasMore()),
      tab('Decided', `${PATH}?view=decided`, showsDecided),
    );
    const focused = document.activeElement?.getAttribute('href');
    const parts: readonly Part[] = showsDecided
      ? [['', found.filter(({ state }) => state !== 'pending')]]
      : [
          ['For you to decide', pending.filter(({ you }) => you.may_vote)],
          ['Waiting for others', pending.filter(({ you }) => !you.may_vote)],
        ];
    const filled = parts.filter(([, approvals]) => approvals.length > 0);
    if (filled.length === 0) fill(groups, nothing(showsDecided, wanted !== ''));
    else fill(groups, ...filled.map(partOf));
    more.hidden = !feed.hasMore();
    if (focused) groups.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  draw();
  return {
    element,
    title: showsDecided ? 'Decided approvals' : 'Approvals',
    update: draw,
    keys: {
      j: () => move(element, 1),
      k: () => move(element, -1),
      '/': () => filter.focus(),
    },
  };
}

function filterField(changed: (text: string) => void): HTMLInputElement {
  const field = h('input', {
    type: 'search',
    placeholder: 'Filter by tool, server or caller',
    'aria-label': 'Filter by tool, server or caller',
    oninput: () => changed(field.value.trim().toLowerCase()),
  });
  return field;
}

/** Approvals that belong together, and how they are called where there are several such. */
type Part = readonly [title: string, approvals: readonly Summary[]];

function partOf([title, approvals]: Part): HTMLElement {
  return h(
    'section',
    {},
    title !== '' && h('h2', {}, title, h('span', { class: 'count' }, String(approvals.length))),
    h('ul', { class: 'rows' }, ...approvals.map(row)),
  );
}

function tab(name: string, href: string, isCurrent: boolean, count?: number, isMore = false): HTMLElement {
  return h(
    'a',
    { href, ...(isCurrent && { 'aria-current': 'page' }) },
    name,
    count !== undefined && h('span', { class: 'count' }, `${count}${isMore ? '+' : ''}`),
  );
}

function row(approval: Summary): HTMLElement {
  const { id, state, tool, method, upstream, principal, preview = '', reason } = approval;
  const { expires_at, requested_at } = approval;
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'row', href: `${PATH}/${id}` },
      h(
        'span',
        { class: 'what' },
        h('strong', { class: 'tool' }, visible(tool ?? method)),
        h('span', { class: 'muted' }, ' on ', visible(upstream)),
      ),
      h('span', { class: 'given code' }, visible(preview)),
      h('span', { class: 'who' }, visible(shortName(principal)), ' · asked ', ago(requested_at)),
      reason !== undefined && h('span', { class: 'why' }, visible(reason)),
      h(
        'span',
        { class: 'side' },
        state === 'pending' ? h('span', { class: 'chip' }, 'expires ', ago(expires_at)) : badge(state),
        state === 'pending' && h('span', { class: 'muted' }, progress(approval)),
      ),
    ),
  );
}

function nothing(showsDecided: boolean, isFiltered: boolean): HTMLElement {
  const [title, more] = isFiltered
    ? ['Nothing matches.', 'Clear the filter to see all.']
    : showsDecided
      ? ['Nothing was decided yet.', 'What you and others decide appears here.']
      : ['Nothing waits for you.', 'New requests appear here by themselves; you can leave this page open.'];
  return h('div', { class: 'nothing' }, h('p', {}, h('strong', {}, title)), h('p', { class: 'muted' }, more));
}

function matches({ tool = '', upstream, principal, id, method }: Summary, wanted: string): boolean {
  return `${tool} ${method} ${upstream} ${principal} ${id}`.toLowerCase().includes(wanted);
}

/** Moves the focus among the rows, and to what shows more of them; from elsewhere, to the first or the last one. */
function move(within: HTMLElement, by: 1 | -1): void {
  const rows = [...within.querySelectorAll<HTMLElement>('a.row, button.more:not([hidden])')];
  const at = rows.findIndex((one) => one.matches(':focus'));
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by;
  rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
}
