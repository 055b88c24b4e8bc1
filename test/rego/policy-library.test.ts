import { readdirSync, readFileSync } from 'node:fs';
import type { FactSource, Principal } from '../../src/domain/index.js';
import { loadGrammars, readFacts } from '../../src/facts/index.js';
import { readJson as readDocument } from '../../src/protocol/index.js';
import { readJson } from './cases.js';
import { type Ask, compile } from './compiled.js';

interface Call {
  readonly upstream: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly name: string;
  readonly arguments: object;
  readonly tool?: object;
  readonly time?: string;
}

const ENTRYPOINT = 'regate/main/decision';
const PAGE = readFileSync('docs/policy-library.md', 'utf8');
/** What each section shows: settings, a call, and what becomes of it. */
const EXAMPLES = [
  ...PAGE.matchAll(
    /^## `(\w+)`$[\s\S]*?```json settings\n([\s\S]*?)```[\s\S]*?```json call\n([\s\S]*?)```[\s\S]*?```json decision\n([\s\S]*?)```/gm,
  ),
].map(([, name = '', settings = '', call = '', decision = '']) => ({
  name,
  settings: JSON.parse(settings) as { readonly facts?: { readonly arguments: FactSource[] } },
  call: JSON.parse(call) as Call,
  decision: JSON.parse(decision) as object,
}));

let ask: Ask;
beforeAll(async () => {
  ask = await compile(['rego'], [ENTRYPOINT], '--ignore=*_test.rego');
  for (const { settings } of EXAMPLES) await loadGrammars(settings.facts?.arguments ?? []);
});

test('each policy that needs settings of its own has a section', () => {
  const policies = [...readdirSync('rego/policies'), ...readdirSync('rego/optional')];
  const elsewhere = ['limits', 'pins', 'protocol', 'refunds', 'responses', 'roles'];
  expect(EXAMPLES.map(({ name }) => name).sort()).toEqual(
    policies.filter((name) => !elsewhere.includes(name)).sort(),
  );
});

describe.each(EXAMPLES)('$name', ({ call, settings, decision }) => {
  const roles = { grants: [{ groups: call.groups, upstream: call.upstream, tools: ['*'] }] };

  test('allows the call before it is set up', () => {
    const silent = {
      commands: { ...readJson<object>('rego/settings/commands/data.json'), tools: [] },
      roles,
    };
    expect(ask(inputOf(call, settings.facts?.arguments ?? []), ENTRYPOINT, silent)).toMatchObject({
      effect: 'allow',
    });
  });

  test('decides as the page says', () => {
    const input = inputOf(call, settings.facts?.arguments ?? []);
    expect(ask(input, ENTRYPOINT, { ...withOwn(settings), roles })).toEqual(decision);
  });
});

/** What the page does not say is as the library has it. */
function withOwn(settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).map(([name, shown]) => [
      name,
      { ...readJson<object>(`rego/settings/${name}/data.json`), ...(shown as object) },
    ]),
  );
}

function inputOf(call: Call, sources: readonly FactSource[]): object {
  const message = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: call.name, arguments: call.arguments },
  };
  const document = readDocument(Buffer.from(JSON.stringify(message)), { maxDepth: 20 });
  const facts = readFacts(sources, {
    upstream: call.upstream,
    tool: call.name,
    document,
    node: document.at('params', 'arguments'),
  });
  const time = call.time ?? '2026-01-01T00:00:00Z';
  return {
    direction: 'to_server',
    kind: 'request',
    upstream: { name: call.upstream, labels: call.labels ?? {} },
    principal: {
      ...readJson<Record<string, Principal>>('test/rego/identities.json')['stranger'],
      groups: call.groups,
    },
    session: { id: 's1', protocol_version: '2025-06-18', client: { name: 'test', version: '1.0.0' } },
    message,
    ...(call.tool !== undefined && { tool: call.tool }),
    findings: [],
    ...(facts !== undefined && { facts }),
    time: { now_ns: Date.parse(time) * 1e6, rfc3339: time },
  };
}
