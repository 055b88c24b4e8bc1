import { PolicyError } from '../errors.js';

/** As the gateway writes it: in UTC, with nine digits of a second or fewer. */
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/**
 * The instant of a recorded decision, in nanoseconds since 1970-01-01T00:00:00Z. Of the two ways in which an input tells
 * it, the text loses nothing in JavaScript.
 *
 * @throws PolicyError `malformed_input`
 */
export function instantOf(inputJson: string): bigint {
  const [, seconds, fraction = ''] = RFC3339.exec(textOf(inputJson)) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`);
  if (Number.isNaN(milliseconds)) throw malformed('says no instant');
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function textOf(inputJson: string): string {
  let input: unknown;
  try {
    input = JSON.parse(inputJson);
  } catch (cause) {
    throw malformed('is no JSON', cause);
  }
  return String(member(member(input, 'time'), 'rfc3339'));
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([own]) => own === name)?.[1]
    : undefined;
}

function malformed(why: string, cause?: unknown): PolicyError {
  return new PolicyError('malformed_input', `a recorded input ${why}`, cause);
}
