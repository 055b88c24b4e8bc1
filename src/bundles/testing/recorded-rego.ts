import type { DecisionEvent, Reason } from '../../domain/index.js';
import { isObject } from '../canonical-json.js';
import { dataPath } from '../data-path.js';
import { JsonNumber, type StrictJson } from '../strict-json.js';

/** One recorded decision, to be written as a test. */
export interface RecordedTest {
  readonly number: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly event: DecisionEvent;
  readonly input: ReadonlyMap<string, StrictJson>;
  /** Such as `regate/main/decision`. */
  readonly entrypoint: string;
}

const PLAIN_NAME = /^[A-Za-z_]\w*$/;
/** What would end a comment: the text around it comes from callers and files. */
const BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** The module of some tests; OPA has yet to lay it out. @param path of its package, without `data` */
export function regoModule(path: string, tests: readonly string[]): string {
  return `# METADATA
# title: Recorded decisions
# description: What policy decided in a gateway, as \`regate record\` wrote it.
package ${path}

${tests.join('\n')}
_verdict(decision) := {
	"effect": decision.effect,
	"reasons": {concat("/", [reason.policy, reason.code]) | some reason in decision.reasons},
}
`;
}

/** A test that the decision would be the same, but for sentences, masks and labels, and the input that it is about. */
export function regoTest({ number, time, event, input, entrypoint }: RecordedTest): string {
  const { revision, effect } = event;
  const masked = event.input?.state === 'masked' ? ' Values of its input are masked.' : '';
  const what = comment(
    `Decision ${event.decision_id} of ${time}, by ${revision.bundle} ${revision.revision}.`,
  );
  const name = ['test', number, effect, event.tool ?? event.method ?? event.kind].join('_');
  return `# ${what}${masked}
${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')} if {
	decision := ${reference(entrypoint)} with input as _input_${number}${clock(input)}
	_verdict(decision) == {"effect": ${JSON.stringify(effect)}, "reasons": ${reasonSet(event.reasons)}}
}

_input_${number} := ${term(input)}
`;
}

/** A policy that asks the clock is told the instant of the decision. */
function clock(input: RecordedTest['input']): string {
  const time = input.get('time');
  const nanoseconds = time !== undefined && isObject(time) ? time.get('now_ns') : undefined;
  return nanoseconds instanceof JsonNumber ? ` with time.now_ns as ${nanoseconds.text}` : '';
}

function reasonSet(reasons: readonly Reason[]): string {
  const names = [...new Set(reasons.map(({ policy, code }) => JSON.stringify(`${policy}/${code}`)))].sort();
  return names.length === 0 ? 'set()' : `{${names.join(', ')}}`;
}

function reference(entrypoint: string): string {
  const segments = dataPath(entrypoint).map((name) =>
    PLAIN_NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`,
  );
  return `data${segments.join('')}`;
}

/** JSON is Rego. What holds objects or arrays is laid out over lines. */
function term(value: StrictJson): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  const parts = isObject(value)
    ? [...value].map(([name, member]) => `${JSON.stringify(name)}: ${term(member)}`)
    : value.map(term);
  const [open, close] = isObject(value) ? '{}' : '[]';
  const isFlat = [...value.values()].every((part) => !isComposite(part));
  return isFlat ? `${open}${parts.join(', ')}${close}` : `${open}\n${parts.join(',\n')},\n${close}`;
}

function isComposite(value: StrictJson): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof JsonNumber);
}

function comment(text: string): string {
  return text.replaceAll(BREAKING, ' ');
}
