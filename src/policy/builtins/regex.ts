import { RE2JS, RE2JSException } from 're2js';
import type { RegoValue } from '../rego/value.js';
import {
  BuiltinError,
  type BuiltinTable,
  type Evaluation,
  integerOperand,
  stringOperand,
} from './builtin.js';
import { globsIntersect } from './globs-intersect.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/regex, https://pkg.go.dev/regexp */
export const REGEX = {
  'regex.find_n': findN,
  'regex.globs_match': (evaluation, left, right) =>
    globsIntersect(evaluation, stringOperand(left, 1), stringOperand(right, 2)),
  'regex.replace': replace,
  'regex.split': split,
  'regex.template_match': matchTemplate,
} satisfies BuiltinTable;

interface Match {
  readonly start: number;
  readonly end: number;
  /** The text of a group, by its number or name; empty where it took no part or there is none. */
  group(name: string): string;
}

function findN(
  _evaluation: Evaluation,
  pattern: RegoValue | undefined,
  text: RegoValue | undefined,
  limit: RegoValue | undefined,
): string[] {
  const subject = stringOperand(text, 2);
  const most = integerOperand(limit, 3);
  if (most !== BigInt.asIntN(64, most)) throw new BuiltinError('operand 3 must be a 64-bit integer');
  const found: string[] = [];
  for (const { start, end } of matches(stringOperand(pattern, 1), subject)) {
    if (most >= 0n && found.length >= most) break;
    found.push(subject.slice(start, end));
  }
  return found;
}

function replace(
  evaluation: Evaluation,
  base: RegoValue | undefined,
  pattern: RegoValue | undefined,
  value: RegoValue | undefined,
): string {
  const text = stringOperand(base, 1);
  const template = replacement(stringOperand(value, 3));
  let replaced = '';
  let rest = 0;
  for (const match of matches(stringOperand(pattern, 2), text)) {
    const expanded = template
      .map((part) => (part.kind === 'text' ? part.text : match.group(part.name)))
      .join('');
    evaluation.spend(expanded.length);
    replaced += text.slice(rest, match.start) + expanded;
    rest = match.end;
  }
  return replaced + text.slice(rest);
}

type ReplacementPart = { kind: 'text'; text: string } | { kind: 'group'; name: string };

/** `$1`, `${1}`, `$name`, `${name}` and `$$`; a name is as long as it can be, and any other `$` stands for itself. */
function replacement(template: string): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let rest = 0;
  for (const found of template.matchAll(/\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu)) {
    const [all, dollar, bare, braced] = found;
    parts.push({ kind: 'text', text: template.slice(rest, found.index) });
    const name = bare ?? braced;
    if (name !== undefined) parts.push({ kind: 'group', name });
    else parts.push({ kind: 'text', text: dollar ?? '' });
    rest = found.index + all.length;
  }
  return [...parts, { kind: 'text', text: template.slice(rest) }];
}

function split(
  _evaluation: Evaluation,
  operand: RegoValue | undefined,
  text: RegoValue | undefined,
): string[] {
  const pattern = stringOperand(operand, 1);
  const subject = stringOperand(text, 2);
  if (subject === '' && pattern !== '') return compiled(pattern) && [''];
  const parts: string[] = [];
  let start = 0;
  let lastEnd = 0;
  for (const match of matches(pattern, subject)) {
    lastEnd = match.start;
    if (match.end !== 0) parts.push(subject.slice(start, match.start));
    start = match.end;
  }
  return lastEnd === subject.length ? parts : [...parts, subject.slice(start)];
}

/** All matches that do not overlap; an empty one right behind another one does not count. */
function* matches(pattern: string, text: string): Generator<Match> {
  const matcher = compiled(pattern).matcher(text);
  let at = 0;
  let lastEnd = -1;
  while (at <= text.length && matcher.find(at)) {
    const start = matcher.start();
    const end = matcher.end();
    const isAccepted = end !== at || start !== lastEnd;
    lastEnd = end;
    at = end > at ? end : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    if (isAccepted) yield { start, end, group: (name) => groupText(matcher, name) };
  }
}

function groupText(matcher: ReturnType<RE2JS['matcher']>, name: string): string {
  const isNumber = /^(?:0|[1-9][0-9]{0,8})$/.test(name);
  if (isNumber) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
  return Object.hasOwn(matcher.namedGroups, name) ? (matcher.group(name) ?? '') : '';
}

function matchTemplate(
  _evaluation: Evaluation,
  template: RegoValue | undefined,
  text: RegoValue | undefined,
  start: RegoValue | undefined,
  end: RegoValue | undefined,
): boolean {
  const subject = stringOperand(text, 2);
  const delimiters = [stringOperand(start, 3), stringOperand(end, 4)] as const;
  if (delimiters.some((delimiter) => delimiter.length !== 1 || delimiter > '\x7f')) {
    throw new BuiltinError('a delimiter has to be exactly one character long');
  }
  return compiled(templatePattern(stringOperand(template, 1), ...delimiters))
    .matcher(subject)
    .find();
}

/** Between outermost delimiters stand patterns, and all else is literal. */
function templatePattern(template: string, open: string, close: string): string {
  let pattern = '';
  let level = 0;
  let start = 0;
  for (let at = 0; at < template.length; at += 1) {
    if (template[at] === open) {
      level += 1;
      if (level > 1) continue;
      pattern += RE2JS.quote(template.slice(start, at));
      start = at + 1;
    } else if (template[at] === close) {
      level -= 1;
      if (level < 0) break;
      if (level > 0) continue;
      const inner = template.slice(start, at);
      compiled(`^${inner}$`);
      pattern += `(${inner})`;
      start = at + 1;
    }
  }
  if (level !== 0) throw new BuiltinError(`unbalanced delimiters in ${JSON.stringify(template)}`);
  return `^${pattern}${RE2JS.quote(template.slice(start))}$`;
}

const MAX_CACHED = 100;
const cache = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  try {
    const made = RE2JS.compile(pattern);
    const [oldest] = cache.keys();
    if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(pattern, made);
    return made;
  } catch (error) {
    if (error instanceof RE2JSException) throw new BuiltinError(error.message);
    throw error;
  }
}
