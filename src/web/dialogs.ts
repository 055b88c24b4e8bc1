import { type Ballot, type Detail, Problem } from './api.js';
import { type Child, fill, h } from './dom.js';
import { differences, type Json, laidOut, memberOf, readJson } from './json.js';
import { shortName, visible } from './text.js';
import { comparison } from './tree.js';

const GLASS_REASON_CHARACTERS = 10;

/** A question in front of the page. */
export interface Asked {
  readonly close: () => void;
}

/** Sends a vote; resolves when it counts. */
export type Send = (verdict: 'approve' | 'deny', ballot: Ballot) => Promise<void>;

export function askApprove(detail: Detail, send: Send): Asked {
  const note = noteField('Note, for whoever reads the audit', false);
  return ask('Approve this call?', {
    lead: [
      callLine(detail),
      h('p', {}, 'Exactly this call may run. Policy judges it once more when it does.'),
      ...agreedTo(detail),
    ],
    fields: [note.label],
    button: h('button', { class: 'primary' }, 'Approve'),
    submit: () => send('approve', { ...said(note.input.value), ...asAgreed(detail) }),
  });
}

/** All who agree must agree to the same arguments: where somebody changed them, the others see to what. */
function agreedTo(detail: Detail): readonly Child[] {
  if (detail.narrowed === undefined) return [];
  return [
    h('h3', {}, 'With the changes that others agreed to'),
    changesIn(detail, readJson(detail.narrowed)),
  ];
}

function asAgreed({ narrowed }: Detail): Ballot {
  return narrowed === undefined ? {} : { arguments: narrowed };
}

/** What is changed of the arguments that a call came with. */
export function changesIn(detail: Detail, after: Json): HTMLElement {
  return comparison(givenIn(detail), after);
}

function givenIn({ arguments: text }: Detail): Json {
  return memberOf(readJson(text), 'arguments') ?? readJson('{}');
}

export function askDeny(detail: Detail, send: Send): Asked {
  const note = noteField('Reason, which the audit keeps', true);
  return ask('Deny this call?', {
    lead: [callLine(detail), h('p', {}, 'One denial ends it; no other vote counts any more.')],
    fields: [note.label],
    button: h('button', { class: 'danger' }, 'Deny'),
    submit: () => send('deny', said(note.input.value)),
  });
}

export function askBreakGlass(detail: Detail, send: Send): Asked {
  const note = noteField(
    `Reason, at least ${GLASS_REASON_CHARACTERS} characters`,
    true,
    GLASS_REASON_CHARACTERS,
  );
  const sure = h('input', { type: 'checkbox', required: true });
  return ask('Break the glass?', {
    lead: [
      callLine(detail),
      h(
        'p',
        { class: 'notice glass' },
        'Your vote alone lets this run, in place of all the others. It is recorded as such, louder than any other vote.',
      ),
      ...agreedTo(detail),
    ],
    fields: [note.label, h('label', { class: 'check' }, sure, 'This cannot wait for the others.')],
    button: h('button', { class: 'glass' }, 'Break glass and approve'),
    submit: () => send('approve', { ...said(note.input.value), ...asAgreed(detail), break_glass: true }),
  });
}

export function askNarrow(detail: Detail, send: Send): Asked {
  const before = givenIn(detail);
  const editor = h('textarea', {
    class: 'code editor',
    rows: 10,
    spellcheck: 'false',
    autocomplete: 'off',
    oninput: () => compare(),
  });
  editor.value = laidOut(before);
  const compared = h('div', { class: 'compared', 'aria-live': 'polite' });
  const note = noteField('Note, for whoever reads the audit', false);
  const button = h('button', { class: 'primary', disabled: true }, 'Approve with changes');

  function compare(): void {
    const after = objectIn(editor.value);
    button.disabled = typeof after === 'string' || differences(before, after).length === 0;
    fill(compared, typeof after === 'string' ? h('p', { class: 'wrong' }, after) : comparison(before, after));
  }

  compare();
  return ask('Approve with changed arguments?', {
    lead: [
      callLine(detail),
      h(
        'p',
        {},
        'The call runs with the arguments below instead. Policy judges them again when it does, and may still refuse them.',
      ),
    ],
    fields: [
      h('label', { class: 'field' }, 'Arguments (JSON)', editor),
      h('h3', {}, 'Changes'),
      compared,
      note.label,
    ],
    button,
    submit: () => send('approve', { ...said(note.input.value), arguments: editor.value }),
  });
}

/** What somebody wrote as an object, or what is wrong with it. */
function objectIn(text: string): Json | string {
  try {
    const json = readJson(text);
    return json.kind === 'object' ? json : 'Arguments are an object: { … }.';
  } catch (thrown) {
    return `This is no JSON yet: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}.`;
  }
}

function ask(
  title: string,
  {
    lead,
    fields,
    button,
    submit,
  }: {
    readonly lead: readonly Child[];
    readonly fields: readonly Child[];
    readonly button: HTMLButtonElement;
    readonly submit: () => Promise<void>;
  },
): Asked {
  const problem = h('div', { role: 'alert' });
  const form = h(
    'form',
    { novalidate: true },
    ...fields,
    problem,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Cancel'),
      button,
    ),
  );
  const heading = h('h2', { id: 'asked' }, title);
  const dialog = h('dialog', { 'aria-labelledby': 'asked' }, heading, ...lead, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const missing = missingIn(form);
    if (missing !== undefined) {
      fill(problem, h('p', { class: 'wrong' }, missing.words));
      missing.field.focus();
      return;
    }
    button.disabled = true;
    submit().then(
      () => dialog.close(),
      (thrown: unknown) => {
        button.disabled = false;
        fill(problem, problemWords(thrown));
      },
    );
  });
  const opener = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    else document.querySelector<HTMLElement>('main h1')?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector<HTMLElement>('.editor, [aria-required]') ?? button).focus();
  return { close: () => dialog.close() };
}

/** The first field that is not filled in as it must be. */
function missingIn(
  form: HTMLFormElement,
): { readonly field: HTMLElement; readonly words: string } | undefined {
  for (const field of form.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>('textarea, input')) {
    const least = Number(field.dataset['least'] ?? 0);
    if (field.type === 'checkbox' && field.required && !Reflect.get(field, 'checked'))
      return { field, words: 'Say that it cannot wait.' };
    if (field.type !== 'checkbox' && field.value.trim().length < least)
      return {
        field,
        words: least > 1 ? `Give a reason of at least ${least} characters.` : 'Give a reason.',
      };
  }
  return undefined;
}

/** An error as a sentence with a next step. */
export function problemWords(thrown: unknown): HTMLElement {
  if (!(thrown instanceof Problem))
    return h('p', { class: 'wrong' }, 'The page failed. Reload it, then try again.');
  return h('p', { class: 'wrong' }, h('strong', {}, visible(thrown.message)), ' ', visible(thrown.nextStep));
}

function noteField(title: string, isRequired: boolean, least = isRequired ? 1 : 0) {
  const input = h('textarea', {
    rows: 2,
    maxlength: 2000,
    'data-least': least,
    ...(isRequired && { 'aria-required': 'true' }),
  });
  return { input, label: h('label', { class: 'field' }, title, input) };
}

function said(note: string): { readonly note?: string } {
  return note.trim() === '' ? {} : { note: note.trim() };
}

function callLine({ tool, method, upstream, requester }: Detail): HTMLElement {
  return h(
    'p',
    { class: 'call' },
    h('strong', { class: 'tool' }, visible(tool ?? method)),
    ' on ',
    visible(upstream),
    ', for ',
    visible(shortName(requester.id)),
  );
}
