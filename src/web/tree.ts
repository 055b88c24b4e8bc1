import { h } from './dom.js';
import { differences, type Json, jsonIn, laidOut } from './json.js';
import { visible } from './text.js';

/** Deeper ones are laid out as text: browsers cannot nest elements without end. */
const DEEPEST = 24;

/** A JSON value as a tree, each value with its type. */
export function tree(json: Json, depth = 0): HTMLElement {
  if (depth > DEEPEST) return asText(laidOut(json));
  if (json.kind === 'object' && json.members.length > 0)
    return h(
      'ul',
      { class: 'tree' },
      ...json.members.map(([name, value]) => entry(h('span', { class: 'key' }, visible(name)), value, depth)),
    );
  if (json.kind === 'array' && json.items.length > 0)
    return h(
      'ul',
      { class: 'tree' },
      ...json.items.map((item, at) => entry(h('span', { class: 'key at' }, String(at + 1)), item, depth)),
    );
  return scalar(json);
}

function entry(key: HTMLElement, value: Json, depth: number): HTMLElement {
  const isLong = value.kind === 'object' || value.kind === 'array';
  return h(
    'li',
    { class: isLong ? 'branch' : 'leaf' },
    h('span', { class: 'name' }, key, h('span', { class: 'type' }, typeOf(value))),
    tree(value, depth + 1),
  );
}

function scalar(json: Json): HTMLElement {
  if (json.kind === 'string')
    return json.value === ''
      ? h('span', { class: 'value empty' }, 'empty')
      : h('span', { class: 'value string' }, visible(json.value));
  return h('span', { class: `value ${json.kind}` }, laidOut(json));
}

function typeOf(json: Json): string {
  switch (json.kind) {
    case 'object':
      return counted(json.members.length, 'member');
    case 'array':
      return `list of ${json.items.length}`;
    case 'string':
      return `text, ${counted([...json.value].length, 'character')}`;
    default:
      return json.kind;
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A JSON text as a tree; as it is, where it is none, so that nothing is kept back. */
export function textAsTree(text: string): HTMLElement {
  const json = jsonIn(text);
  return json === undefined ? asText(text) : tree(json);
}

function asText(text: string): HTMLElement {
  return h('pre', { class: 'value' }, visible(text));
}

/** What two values differ in, one line each: what it was, and what it becomes. */
export function comparison(before: Json, after: Json): HTMLElement {
  const changes = differences(before, after);
  if (changes.length === 0) return h('p', { class: 'muted' }, 'Nothing is changed yet.');
  return h(
    'ul',
    { class: 'changes' },
    ...changes.map((change) =>
      h(
        'li',
        {},
        h('span', { class: 'key' }, visible(change.path === '' ? 'arguments' : change.path)),
        change.before !== undefined && h('del', {}, visible(laidOut(change.before))),
        change.after === undefined
          ? h('span', { class: 'muted' }, 'left out')
          : h('ins', {}, visible(laidOut(change.after))),
      ),
    ),
  );
}
