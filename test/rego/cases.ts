import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision, FactSource, JsonObject, Principal } from '../../src/domain/index.js';
import { loadGrammars, readFacts } from '../../src/facts/index.js';
import { readJson as readDocument } from '../../src/protocol/index.js';

const CASES = 'test/cases/rego';
const { arguments: SOURCES } = readJson<{ arguments: FactSource[] }>('rego/settings/facts/data.json');
await loadGrammars(SOURCES);

/** One message and the whole decision that the starter policy takes on it. */
export interface PolicyCase {
  readonly file: string;
  readonly why: string;
  readonly input: JsonObject;
  /** Whether the input breaks its schema on purpose. */
  readonly outsideSchema: boolean;
  readonly expected: Decision;
}

/** A case as it is written: what differs from an everyday input. */
interface WrittenCase {
  readonly why: string;
  /** Who calls, by name in `identities.json`. */
  readonly as: string;
  /** Members that differ from that identity's. */
  readonly principal?: Partial<Principal>;
  readonly upstream: string;
  readonly input: JsonObject;
  /** Members that the input lacks. */
  readonly without?: readonly string[];
  readonly outside_schema?: boolean;
  readonly expected: Decision;
}

/** All cases, file by file. */
export function readCases(): PolicyCase[] {
  const identities = readJson<Record<string, Principal>>('test/rego/identities.json');
  return readdirSync(CASES)
    .filter((name) => name.endsWith('.json'))
    .flatMap((file) =>
      readJson<WrittenCase[]>(join(CASES, file)).map((written) => ({
        file,
        why: written.why,
        input: completed(written, identities),
        outsideSchema: written.outside_schema ?? false,
        expected: written.expected,
      })),
    );
}

export function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(path, 'utf8')) as Shape;
}

function completed(written: WrittenCase, identities: Record<string, Principal>): JsonObject {
  const identity = identities[written.as];
  if (identity === undefined) throw new Error(`no identity is called ${written.as}`);
  const input: Record<string, unknown> = {
    upstream: { name: written.upstream, labels: {} },
    principal: { ...identity, ...written.principal },
    session: { id: 's1', protocol_version: '2025-06-18', client: { name: 'test', version: '1.0.0' } },
    findings: [],
    time: { now_ns: 1_767_225_600_000_000_000, rfc3339: '2026-01-01T00:00:00Z' },
    ...written.input,
  };
  const facts = factsOf(written);
  if (facts !== undefined) input['facts'] = facts;
  for (const member of written.without ?? []) delete input[member];
  return input as JsonObject;
}

/** What the gateway reads out of the arguments of a case's call. */
function factsOf({ upstream, input }: WrittenCase) {
  const document = readDocument(Buffer.from(JSON.stringify(input['message'] ?? {})), { maxDepth: 100 });
  const name = document.at('params', 'name');
  const isCall = input['direction'] === 'to_server' && document.kind(document.root) === 'object';
  if (!isCall || name === undefined || document.kind(name) !== 'string') return undefined;
  return readFacts(SOURCES, {
    upstream,
    tool: document.string(name),
    document,
    node: document.at('params', 'arguments'),
  });
}
