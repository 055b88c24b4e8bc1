import type { FactSource, JsonDocument, JsonNode, RequestMessage } from '../../domain/index.js';
import type { PolicyInput } from '../input.js';
import { instantMustFit, messageMustFit, mustFit, wellFormed } from './check.js';
import { Question } from './question.js';
import { compileReads, type MemberRead, type ReadTree } from './reads.js';

/** All that an input can hold; the order is that of the document. */
const EVERYTHING = compileReads(
  [
    ...[
      'direction',
      'kind',
      'upstream',
      'principal',
      'session',
      'tool',
      'listed',
      'server',
      'findings',
      'facts',
    ],
    ...['approval', 'restored', 'time', 'message', 'request'],
  ].map((name) => [name]),
);

/**
 * The document that a policy reads as `input`, without what it does not read: JSON in UTF-8.
 *
 * A member is left out when no path leads to it or through it. An object on the way to one stays, if only as `{}`, and
 * what is no object there stays as it is, so that no rule can tell the two documents apart. Of the message and of its
 * request's params the bytes that were sent are copied: policy sees every number and string as it was, and nothing is
 * parsed or written again. It costs what is read, however large the message is.
 *
 * @throws PolicyError `malformed_input`
 */
export function prunedInput(
  input: PolicyInput,
  reads: ReadTree,
  sources: readonly FactSource[] = [],
): Buffer {
  const question = questionOf(input, reads, sources);
  const target = Buffer.allocUnsafe(question.mostBytes);
  return target.subarray(0, question.writeTo(target));
}

/**
 * The same, not put together yet.
 *
 * @param sources - what the policy wants read out of arguments
 */
export function questionOf(
  input: PolicyInput,
  reads: ReadTree,
  sources: readonly FactSource[] = [],
): Question {
  const question = new Question();
  let isFirst = true;
  for (const member of (reads.whole ? EVERYTHING : reads).members) {
    const isAdded =
      member.name === 'facts'
        ? addFacts(input, sources, member, isFirst, question)
        : addPart(input, member, isFirst, question);
    if (isAdded) isFirst = false;
  }
  question.text(isFirst ? '{}' : '}');
  return question;
}

/** Writes one part of the input behind its label; false where the input does not have it. */
function addPart(input: PolicyInput, read: MemberRead, isFirst: boolean, question: Question): boolean {
  const { name, below } = read;
  const opening = isFirst ? read.first : read.next;
  switch (name) {
    case 'message':
      messageMustFit(input);
      question.text(opening);
      addNode(input.message, input.message.root, below, question);
      return true;
    case 'request':
      if (input.request === undefined) return false;
      mustFit(input, name);
      question.text(opening);
      addRequest(input.request, below, question);
      return true;
    case 'time':
      instantMustFit(input);
      question.text(opening + timeText(input.nowNanoseconds, below));
      return true;
    case 'principal':
    case 'upstream':
      mustFit(input, name);
      question.text(opening);
      question.text(rememberedText(input[name], below));
      return true;
    case 'listed':
    case 'server': {
      const known = input[name]?.();
      if (known === undefined) return false;
      question.text(opening + knownText(known, below));
      return true;
    }
    case 'direction':
    case 'kind':
    case 'session':
    case 'tool':
    case 'findings':
    case 'approval':
    case 'restored':
      mustFit(input, name);
      if (input[name] === undefined) return false;
      question.text(opening + knownText(input[name], below));
      return true;
    default:
      return false;
  }
}

/** What is read out of arguments is read for the policy that asks, and only for one that looks at it. */
function addFacts(
  input: PolicyInput,
  sources: readonly FactSource[],
  { first, next, below }: MemberRead,
  isFirst: boolean,
  question: Question,
): boolean {
  const facts = sources.length === 0 ? undefined : input.facts?.(sources);
  if (facts === undefined) return false;
  question.text((isFirst ? first : next) + knownText(facts, below));
  return true;
}

function addNode(document: JsonDocument, node: JsonNode, reads: ReadTree, question: Question): void {
  if (reads.whole || document.kind(node) !== 'object') {
    question.value(document, node);
    return;
  }
  let isFirst = true;
  for (const { name, first, next, below } of reads.members) {
    const value = document.member(node, name);
    if (value === undefined) continue;
    question.text(isFirst ? first : next);
    addNode(document, value, below, question);
    isFirst = false;
  }
  question.text(isFirst ? '{}' : '}');
}

const WHOLE_REQUEST = compileReads([['method'], ['params']]);

function addRequest({ method, params, document }: RequestMessage, reads: ReadTree, question: Question): void {
  let isFirst = true;
  for (const { name, first, next, below } of (reads.whole ? WHOLE_REQUEST : reads).members) {
    const opening = isFirst ? first : next;
    if (name === 'method') question.text(opening + knownText(method, below));
    else if (name === 'params' && params !== undefined) {
      question.text(opening);
      addNode(document, params, below, question);
    } else continue;
    isFirst = false;
  }
  question.text(isFirst ? '{}' : '}');
}

const BILLION = 1_000_000_000n;
const WHOLE_TIME = compileReads([['now_ns'], ['rfc3339']]);

function timeText(nanoseconds: bigint, reads: ReadTree): string {
  const members = (reads.whole ? WHOLE_TIME : reads).members.flatMap(({ name, label }) => {
    // A JavaScript number cannot hold nanoseconds: the literal is written from the bigint.
    if (name === 'now_ns') return [`${label}${nanoseconds}`];
    return name === 'rfc3339' ? [`${label}"${rfc3339(nanoseconds)}"`] : [];
  });
  return `{${members.join(',')}}`;
}

function rfc3339(nanoseconds: bigint): string {
  const upToSeconds = new Date(Number(nanoseconds / BILLION) * 1000).toISOString().slice(0, 19);
  return `${upToSeconds}.${String(nanoseconds % BILLION).padStart(9, '0')}Z`;
}

/** The same for an object that comes again and again, and never changes. */
function rememberedText(known: object, reads: ReadTree): string {
  const remembered = reads.texts.get(known);
  if (remembered !== undefined) return remembered;
  const text = knownText(known, reads);
  reads.texts.set(known, text);
  return text;
}

function knownText(known: unknown, reads: ReadTree): string {
  return wellFormed(JSON.stringify(picked(known, reads)));
}

function picked(value: unknown, { whole, members }: ReadTree): unknown {
  if (whole || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const own = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(
    members
      .filter(({ name }) => own.has(name))
      .map(({ name, below }) => [name, picked(own.get(name), below)]),
  );
}
