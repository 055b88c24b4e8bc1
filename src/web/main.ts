import {
  type Ballot,
  type Detail,
  Problem,
  type Session,
  type Summary,
  session,
  show,
  signOut,
  vote,
} from './api.js';
import { type Deciding, detail } from './detail.js';
import {
  type Asked,
  askApprove,
  askBreakGlass,
  askDeny,
  askNarrow,
  problemWords,
  type Send,
} from './dialogs.js';
import { announce, fill, h, part } from './dom.js';
import { PagedFeed } from './feed.js';
import { inbox } from './inbox.js';
import { listenForKeys, showKeys } from './keys.js';
import { listenForChanges } from './live.js';
import { keepTimes, shortName, visible } from './text.js';
import type { View } from './view.js';
import { stateWord } from './words.js';

const INBOX = '/approvals';
const ONE = /^\/approvals\/(apr_[a-z2-7]{16})$/;

const approvals = new Map<string, Summary>();
const take = (read: readonly Summary[]) => {
  for (const approval of read) approvals.set(approval.id, approval);
};
/** Of all, the newest; and however old, those that wait. */
const feeds = {
  all: new PagedFeed({}, take, failed),
  open: new PagedFeed({ state: 'pending' }, take, failed),
};
let view: View | undefined;
/** The question that is open, and whether the approval that it is about is still to be decided. */
let asked: { readonly about: string; readonly dialog: Asked } | undefined;
let stopListening: () => void = () => undefined;
let sessionEnds: ReturnType<typeof setTimeout> | undefined;

async function start(): Promise<void> {
  keepTimes();
  const who = await session();
  if (who === undefined) showSignIn(outcomeOfSignIn());
  else run(who);
}

function run(who: Session): void {
  drawTop(who);
  listenForKeys((key) => (key === 'Escape' ? view?.keys['u'] : view?.keys[key]));
  document.addEventListener('click', followLink);
  addEventListener('popstate', () => void go(location.pathname + location.search));
  sessionEnds = setTimeout(() => showSignIn(OVER), Math.min(Date.parse(who.until) - Date.now(), 2 ** 31 - 1));
  stopListening = listenForChanges({
    opened: () => {
      part('live').textContent = 'Live';
      part('live').className = 'live on';
      void refresh();
    },
    changed: put,
    lost: () => {
      part('live').textContent = 'Reconnecting';
      part('live').className = 'live';
      void checkSession();
    },
  });
  void go(location.pathname + location.search);
}

/** A stream that ends may mean that somebody is signed out; only asking tells. */
async function checkSession(): Promise<void> {
  const who = await session().catch(() => 'unknown');
  if (who === undefined) showSignIn(OVER);
}

async function refresh(): Promise<void> {
  try {
    approvals.clear();
    await Promise.all([feeds.all.begin(), feeds.open.begin()]);
    redraw();
    const current = openId();
    if (current !== undefined) await readOpen(current);
  } catch (thrown) {
    failed(thrown);
  }
}

/** Takes in what became of an approval, wherever that came from. */
function put(approval: Summary): void {
  const before = approvals.get(approval.id);
  approvals.set(approval.id, approval);
  redraw();
  if (approval.id === openId()) readOpen(approval.id).catch(failed);
  if (before === undefined && approval.you.may_vote)
    announce(`A new approval waits: ${approval.tool ?? approval.method}.`);
  if (before?.state !== 'pending' || approval.state === 'pending') return;
  if (asked?.about === approval.id) asked.dialog.close();
  const last = approval.last_voter;
  const by = last === undefined || approval.state === 'expired' ? '' : ` by ${shortName(last)}`;
  announce(`${approval.tool ?? approval.method} is ${stateWord(approval.state)}${by}.`);
}

function redraw(changed?: Detail): void {
  view?.update(changed);
  retitle();
}

/** The approval that the address names. */
function openId(): string | undefined {
  return ONE.exec(location.pathname)?.[1];
}

let reads = 0;

/** Reads the approval that is looked at anew; of several such reads the last counts. */
async function readOpen(id: string): Promise<void> {
  const read = ++reads;
  const found = await show(id);
  if (read === reads && openId() === id) redraw(found);
}

function retitle(): void {
  const waiting = [...approvals.values()].filter(({ you }) => you.may_vote).length;
  document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${view?.title ?? 'Sign in'} · Regate`;
}

/** Shows what belongs to an address. */
async function go(address: string): Promise<void> {
  const id = ONE.exec(address)?.[1];
  asked?.dialog.close();
  if (id === undefined) {
    const showsDecided = address.includes('view=decided');
    open(inbox(approvals, showsDecided, showsDecided ? feeds.all : feeds.open));
    return;
  }
  try {
    const found = await show(id);
    if (location.pathname === `${INBOX}/${id}`) open(detail(found, DECIDING));
  } catch (thrown) {
    failed(thrown);
  }
}

function open(next: View): void {
  const isFirst = view === undefined;
  view = next;
  fill(part('main'), next.element);
  retitle();
  scrollTo(0, 0);
  if (!isFirst) next.element.querySelector<HTMLElement>('h1')?.focus();
}

function navigate(address: string): void {
  history.pushState(null, '', address);
  void go(address);
}

/** Links within the page open without reloading it. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  const { pathname, search, origin } = new URL(link.href);
  if (origin !== location.origin || link.hash !== '') return;
  if (pathname !== INBOX && !ONE.test(pathname)) return;
  event.preventDefault();
  navigate(pathname + search);
}

const sending =
  (id: string): Send =>
  async (verdict: 'approve' | 'deny', ballot: Ballot) => {
    try {
      const voted = await vote(id, verdict, ballot);
      reads += 1;
      if (openId() === id) redraw(voted);
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'signed_out') showSignIn(OVER);
      else readOpen(id).catch(failed);
      throw thrown;
    }
  };

const asking = (ask: (about: Detail, send: Send) => Asked) => (about: Detail) => {
  asked = { about: about.id, dialog: ask(about, sending(about.id)) };
};

const DECIDING: Deciding = {
  approve: asking(askApprove),
  narrow: asking(askNarrow),
  deny: asking(askDeny),
  breakGlass: asking(askBreakGlass),
  back: () => navigate(INBOX),
};

function drawTop({ name, id }: Session): void {
  fill(
    part('top'),
    h('a', { class: 'brand', href: INBOX }, 'Regate'),
    h('span', { id: 'live', class: 'live' }, 'Connecting'),
    h('span', { class: 'name', title: id }, visible(name)),
    h('button', { type: 'button', class: 'quiet', onclick: showKeys, 'aria-label': 'Keyboard help' }, '?'),
    h('button', { type: 'button', class: 'quiet', onclick: () => void leave() }, 'Sign out'),
  );
}

async function leave(): Promise<void> {
  try {
    await signOut();
    showSignIn('You are signed out here. The sign-in service may still know you.');
  } catch (thrown) {
    failed(thrown);
  }
}

const OVER = 'Your session is over. Nothing that you decided is lost.';
const OUTCOMES: Readonly<Record<string, string>> = {
  refused: 'The sign-in did not succeed. Try again; whoever runs the gateway finds the reason in its log.',
  unavailable: 'The sign-in service cannot be reached. Try again soon.',
  stale: 'That sign-in took too long, or began in another browser. Try again.',
};

function outcomeOfSignIn(): string | undefined {
  return OUTCOMES[new URLSearchParams(location.search).get('sign_in') ?? ''];
}

/** Nothing of what was shown stays. */
function showSignIn(message: string | undefined): void {
  stopListening();
  clearTimeout(sessionEnds);
  asked?.dialog.close();
  reads += 1;
  approvals.clear();
  view = undefined;
  document.title = 'Sign in · Regate';
  fill(part('top'), h('a', { class: 'brand', href: INBOX }, 'Regate'));
  const to = new URLSearchParams({ return_to: location.pathname });
  fill(
    part('main'),
    h(
      'div',
      { class: 'sign-in' },
      h('h1', { tabindex: -1 }, 'Approvals'),
      h('p', {}, 'Calls that wait for a human’s yes. Sign in to see those that are yours to decide.'),
      message !== undefined && h('p', { class: 'notice', role: 'alert' }, message),
      h('a', { class: 'button primary', href: `${INBOX}/sign-in?${to}` }, 'Sign in'),
    ),
  );
}

/** What could not be shown says so in its place. */
function failed(thrown: unknown): void {
  if (thrown instanceof Problem && thrown.code === 'signed_out') {
    showSignIn(OVER);
    return;
  }
  view = {
    element: h('div'),
    title: 'Not shown',
    update: () => undefined,
    keys: { u: () => navigate(INBOX) },
  };
  fill(
    part('main'),
    h(
      'div',
      { class: 'nothing' },
      h('h1', { tabindex: -1 }, 'This cannot be shown'),
      problemWords(thrown),
      h('a', { href: INBOX }, 'All approvals'),
    ),
  );
  retitle();
}

start().catch(failed);
