import { h } from './dom.js';

const STORED = 'regate-keys';

const MEANINGS = [
  ['j, k', 'next and previous approval'],
  ['Enter', 'open it'],
  ['a', 'approve'],
  ['d', 'deny'],
  ['n', 'approve with changes'],
  ['u, Esc', 'back to the inbox'],
  ['/', 'filter'],
  ['?', 'this help'],
] as const;

/** Whether single keys do something. They can be turned off (WCAG 2.1.4): speech input types them by accident. */
function isOn(): boolean {
  return localStorage.getItem(STORED) !== 'off';
}

/** Calls what belongs to a key that is pressed outside of fields and dialogs. */
export function listenForKeys(meaning: (key: string) => (() => void) | undefined): void {
  document.addEventListener('keydown', (event) => {
    const { target, key } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]') !== null) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) {
      if (key === 'Escape') target.blur();
      return;
    }
    const act = key === '?' ? showKeys : isOn() || key === 'Escape' ? meaning(key) : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

export function showKeys(): void {
  const toggle = h('input', {
    type: 'checkbox',
    ...(isOn() && { checked: true }),
    onchange: () => localStorage.setItem(STORED, toggle.checked ? 'on' : 'off'),
  });
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'keys' },
    h('h2', { id: 'keys' }, 'Keyboard'),
    h(
      'dl',
      { class: 'keys' },
      ...MEANINGS.map(([keys, meaning]) =>
        h('div', {}, h('dt', {}, ...keys.split(', ').map((key) => h('kbd', {}, key))), h('dd', {}, meaning)),
      ),
    ),
    h('label', { class: 'check' }, toggle, 'Single keys are on'),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'primary', onclick: () => dialog.close() }, 'Close'),
    ),
  );
  const opener = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (opener instanceof HTMLElement) opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
