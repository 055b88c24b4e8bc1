import { readFileSync } from 'node:fs';
import { ToolCatalog } from '../../src/gateway/index.js';
import { readJson } from '../../src/protocol/index.js';
import { openStore, type Store } from '../../src/store/index.js';

interface Case {
  readonly why: string;
  readonly tool: object;
  readonly suspicions: readonly string[];
}

const file = new URL('../cases/gateway/tool-texts.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

let store: Store;
beforeAll(async () => {
  store = await openStore(':memory:');
});
afterAll(() => store.close());

function suspicionsOf(tool: object): readonly string[] | undefined {
  const document = readJson(Buffer.from(JSON.stringify([tool])), { maxDepth: 100 });
  return new ToolCatalog(store.tools).describeList('tools', document, document.root)[0]?.suspicions;
}

test('there is enough of both', () => {
  const poisoned = cases.filter(({ suspicions }) => suspicions.length > 0).length;
  expect(poisoned).toBeGreaterThanOrEqual(40);
  expect(cases.length - poisoned).toBeGreaterThanOrEqual(40);
});

test.each(cases)('$why', ({ tool, suspicions }) => {
  expect(suspicionsOf(tool)).toEqual(suspicions);
});

test.each([
  ['one letter', 'a'],
  ['line ends', '\n'],
  ['spaces', ' '],
  ['what nearly is an address', 'http://1.'],
  ['what nearly is a phrase', 'ignore previou '],
  ['joiners', 'a\u200d'],
  ['sending', 'send https:/'],
])('a megabyte of %s takes no longer than its length', (_, piece) => {
  const started = performance.now();
  suspicionsOf({ name: 't', description: piece.repeat((1 << 20) / piece.length) });
  expect(performance.now() - started).toBeLessThan(2_000);
});
