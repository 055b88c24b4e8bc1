import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, asPolicySaid, type DecisionEvent } from '../../domain/index.js';
import { canonicalJson, isObject } from '../canonical-json.js';
import { BundleError } from '../error.js';
import { runOpa } from '../opa.js';
import { readStrictJson, type StrictJson } from '../strict-json.js';
import { regoModule, regoTest } from './recorded-rego.js';

/** Nobody reads a larger test. */
const LARGEST_CHARACTERS = 64 * 1024;
/** What is another in each message or token, and means nothing to policy. */
const CHANGING: readonly (readonly string[])[] = [
  ['time'],
  ['session', 'id'],
  ['approval', 'id'],
  ['message', 'id'],
  ['message', 'params', '_meta', 'progressToken'],
  ['request', 'params', '_meta', 'progressToken'],
  ...['iat', 'exp', 'nbf', 'jti', 'auth_time'].map((claim) => ['principal', 'claims', claim]),
];

/** Which tests to write. */
export interface RecordedTestsRequest {
  /** Decisions, oldest first. */
  readonly decisions: AsyncIterable<AuditRecord & { readonly event: DecisionEvent }>;
  /** The tests' package, without `data`. */
  readonly package: string;
  /** The rule that is tested, such as `regate/main/decision`. */
  readonly entrypoint: string;
  /** At most so many tests. */
  readonly limit: number;
  /** Path of the OPA that formats them. */
  readonly opa: string;
}

/** A Rego module of tests, and what became of the decisions. */
export interface RecordedTests {
  readonly text: string;
  readonly tests: number;
  /** Of the tests, those whose input is masked. */
  readonly masked: number;
  /** Decisions like one that is tested already. */
  readonly alike: number;
  readonly not_recorded: number;
  /** Inputs too large or too deep for a test. */
  readonly too_large: number;
}

/**
 * Writes recorded decisions as tests: one for each that differs from the others in more than its time and ids.
 *
 * @throws BundleError `opa_failed`; whatever reading the decisions throws
 */
export async function recordedTests(request: RecordedTestsRequest): Promise<RecordedTests> {
  const counts = { masked: 0, alike: 0, not_recorded: 0, too_large: 0 };
  const known = new Set<string>();
  const tests: string[] = [];
  for await (const { time, event: recorded } of request.decisions) {
    const event = asPolicySaid(recorded);
    const { input } = event;
    if (input === undefined) {
      counts.not_recorded += 1;
      continue;
    }
    const document = input.json.length > LARGEST_CHARACTERS ? undefined : readInput(input.json);
    if (document === undefined) {
      counts.too_large += 1;
      continue;
    }
    const identity = identityOf(document, event);
    if (known.has(identity)) {
      counts.alike += 1;
      continue;
    }
    if (tests.length === request.limit) break;
    known.add(identity);
    if (input.state === 'masked') counts.masked += 1;
    const { entrypoint } = request;
    tests.push(regoTest({ number: tests.length + 1, time, event, input: document, entrypoint }));
  }
  const text = await formatted(request.opa, regoModule(request.package, tests));
  return { text, tests: tests.length, ...counts };
}

/** Undefined where it is no document that a test can hold. */
function readInput(json: string): ReadonlyMap<string, StrictJson> | undefined {
  try {
    const value = readStrictJson(Buffer.from(json));
    return isObject(value) ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** The same for decisions that are alike. */
function identityOf(input: StrictJson, { effect, reasons }: DecisionEvent): string {
  const lasting = CHANGING.reduce(without, input);
  const said = JSON.stringify([effect, reasons.map(({ policy, code }) => [policy, code])]);
  return createHash('sha256').update(canonicalJson(lasting)).update(said).digest('hex');
}

function without(value: StrictJson, [name = '', ...below]: readonly string[]): StrictJson {
  if (!isObject(value)) return value;
  const member = value.get(name);
  if (member === undefined) return value;
  const members = new Map(value);
  if (below.length === 0) members.delete(name);
  else members.set(name, without(member, below));
  return members;
}

async function formatted(opa: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'regate-record-'));
  try {
    const file = join(directory, 'recorded_test.rego');
    await writeFile(file, text, { mode: 0o600 });
    const { status, stdout, stderr } = await runOpa(opa, ['fmt', file]);
    if (status === 0) return stdout;
    throw new BundleError(
      'opa_failed',
      `\`opa fmt\` could not read the tests: ${stderr.trim().slice(0, 2000)}`,
      'Leave the decision that it names out, with --since, --until or --tool.',
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
