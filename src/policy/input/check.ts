import { readFileSync } from 'node:fs';
import { PolicyError } from '../errors.js';
import { frozen } from '../frozen.js';
import type { PolicyInput } from '../input.js';
import { ajv, violation } from '../schema.js';

interface InputSchema {
  readonly properties: Readonly<Record<string, object>>;
}

const file = new URL('../../../schemas/input.schema.json', import.meta.url);
const { properties } = JSON.parse(readFileSync(file, 'utf8')) as InputSchema;
const { direction, kind, upstream, principal, session, tool, findings, approval, restored } = properties;

const parts = {
  direction: valid(direction),
  kind: valid(kind),
  session: valid(session),
  tool: validOnce(tool),
  findings: valid(findings),
  approval: valid(approval),
  restored: valid(restored),
  upstream: validOnce(upstream),
  principal: validOnce(principal),
  request: valid({ type: 'object', required: ['method'], properties: { method: { type: 'string' } } }),
};

/** The parts that an input may be without. */
const OPTIONAL: ReadonlySet<string> = new Set(['tool', 'approval', 'restored', 'request']);

/** 10000-01-01T00:00:00Z, which RFC 3339 cannot name. */
const END_OF_TIME = 253_402_300_800_000_000_000n;

/**
 * Holds a part of what is known around a message to `schemas/input.schema.json`. A principal, an upstream and a tool are
 * looked at when they are first met, and cannot be changed from then on. What policy is not shown is not looked at: it
 * has no say.
 *
 * @throws PolicyError `malformed_input`
 */
export function mustFit(input: PolicyInput, part: keyof typeof parts): void {
  if (input[part] !== undefined || !OPTIONAL.has(part)) parts[part](input[part]);
}

/** @throws PolicyError `malformed_input` */
export function messageMustFit({ message }: PolicyInput): void {
  if (message.kind(message.root) !== 'object') throw malformed('the message is no object');
}

/** @throws PolicyError `malformed_input` */
export function instantMustFit({ nowNanoseconds }: PolicyInput): void {
  if (nowNanoseconds < 0n || nowNanoseconds >= END_OF_TIME) throw malformed('its instant is out of range');
}

function valid(schema: object | undefined): (known: unknown) => void {
  if (schema === undefined) throw new Error('the input schema lacks a part of the input');
  const validate = ajv.compile(schema);
  return (known) => {
    if (validate(known) !== true) throw malformed(`it breaks ${violation(validate)} of the input schema`);
  };
}

/** The same for objects that come again and again. */
function validOnce(schema: object | undefined): (known: unknown) => void {
  const mustBeValid = valid(schema);
  const proven = new WeakSet<object>();
  return (known) => {
    if (typeof known === 'object' && known !== null && proven.has(known)) return;
    mustBeValid(known);
    wellFormed(JSON.stringify(known));
    // The schema wants an object.
    proven.add(frozen(known as object));
  };
}

/**
 * Refuses what JSON.stringify wrote of a lone surrogate: OPA reads two of them as another, valid character, so that
 * a claim could pass for one it is not. An escaped backslash before `ud` is no escape of a surrogate.
 */
export function wellFormed(text: string): string {
  if (text.includes('\\ud') && text.replaceAll('\\\\', '').includes('\\ud')) {
    throw malformed('a string around the message is not well-formed Unicode');
  }
  return text;
}

/** What is wrong with an input; it never names a value, which may be secret. */
function malformed(why: string): PolicyError {
  return new PolicyError('malformed_input', `what policy should judge cannot be put to it: ${why}`);
}
