import { readdirSync, readFileSync } from 'node:fs';
import type { FactSource } from '../../src/domain/index.js';
import { loadGrammars } from '../../src/facts/index.js';
import { call, Harness } from '../gateway/harness.js';
import { fill } from '../masking/fill.js';
import { bundleOf } from '../policy/compile.js';

/**
 * What an attacker sends to get around a policy, put through a real gateway with the library's own settings, and what looks like
 * it and must pass.
 */
interface Evasions {
  readonly tool: string;
  readonly argument: string;
  readonly read: FactSource['read'];
  readonly policy: string;
  /** Instead of the library's. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly refused: readonly {
    readonly why: string;
    readonly sent: string;
    readonly codes: readonly string[];
  }[];
  readonly passed: readonly string[];
}

interface Disguises {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly masked: readonly { readonly why: string; readonly answered: string; readonly masked: string }[];
  readonly passed: readonly string[];
}

interface Answer {
  readonly error?: {
    readonly data: { readonly reasons: readonly { readonly policy: string; readonly code: string }[] };
  };
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}

const FOLDER = 'test/cases/evasions';
const FILES = readdirSync(FOLDER)
  .filter((name) => name !== 'masks.json')
  .map((name) => ({ name, evasions: readJson<Evasions>(`${FOLDER}/${name}`) }));
const MASKS = readJson<Disguises>(`${FOLDER}/masks.json`);

let harness: Harness;
let answer = '';
beforeAll(async () => {
  harness = await Harness.start({ withoutPolicy: true });
  harness.script(
    (response) =>
      void response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(
          JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: answer }] } }),
        ),
  );
});
afterAll(() => harness.close());

describe.each(FILES)('$name', ({ name, evasions }) => {
  const { tool, argument, policy, settings, read, refused, passed } = evasions;
  beforeAll(async () => {
    await activate(name, { [policy]: settings }, [
      { upstream: 'tools', tool, argument: `/${argument}`, read },
    ]);
  });

  test.each(refused)('refused: $why', async ({ sent, codes }) => {
    const before = harness.seen.length;
    const { error } = await post(tool, { [argument]: sent });
    expect(error?.data.reasons.every((reason) => reason.policy === policy)).toBe(true);
    expect([...new Set(error?.data.reasons.map(({ code }) => code))].sort()).toEqual(codes);
    expect(harness.seen).toHaveLength(before);
  });

  test.each(passed)('passed: %s', async (sent) => {
    answer = 'done';
    expect(await post(tool, { [argument]: sent })).toMatchObject({ result: { content: [{ text: 'done' }] } });
    expect(JSON.parse(harness.seen.at(-1)?.body ?? '')).toMatchObject({
      params: { arguments: { [argument]: sent } },
    });
  });

  test.each(['nothing', 'a number', 'a list'])('refused: %s instead of a text', async (what) => {
    const sent = { nothing: {}, 'a number': { [argument]: 5 }, 'a list': { [argument]: ['ls'] } }[what] ?? {};
    expect((await post(tool, sent)).error?.data.reasons).toEqual([
      expect.objectContaining({ policy, code: expect.stringMatching(/^unreadable_/) }),
    ]);
  });
});

describe('masks.json', () => {
  beforeAll(() => activate('masks', { responses: MASKS.settings }));

  test.each(MASKS.masked)('masked: $why', async ({ answered, masked }) => {
    answer = fill(answered);
    expect((await post('find', {})).result?.content).toEqual([{ type: 'text', text: masked }]);
  });

  test.each(MASKS.passed)('passed: %s', async (text) => {
    answer = text;
    expect((await post('find', {})).result?.content).toEqual([{ type: 'text', text }]);
  });
});

test('the corpus is large enough to mean something', () => {
  const counts = FILES.map(
    ({ name, evasions }) => [name.replace(/-.*|\.json/, ''), evasions.refused.length] as const,
  );
  const total = (policy: string) =>
    counts.filter(([name]) => name === policy).reduce((sum, [, count]) => sum + count, 0);
  expect(['commands', 'sql', 'urls', 'paths'].filter((policy) => total(policy) < 48)).toEqual([]);
  expect(MASKS.masked.length).toBeGreaterThanOrEqual(20);
});

/** The library with its own settings, but for these; whoever calls may call everything. */
async function activate(
  revision: string,
  differing: Readonly<Record<string, object>>,
  facts: readonly FactSource[] = [],
): Promise<void> {
  const settings = Object.fromEntries(
    readdirSync('rego/settings').map((name) => {
      const own = readJson<object>(`rego/settings/${name}/data.json`);
      return [name, { ...own, ...differing[name] }];
    }),
  );
  const roles = { grants: [{ groups: ['jobs'], upstream: 'tools', tools: ['*'] }] };
  const bundle = await bundleOf('package evasions', {
    besides: ['rego/regate', 'rego/policies'],
    data: JSON.stringify({ settings: { ...settings, roles } }),
    revision,
  });
  await loadGrammars(facts);
  await harness.engine.activate({ ...bundle, facts });
}

async function post(tool: string, args: object): Promise<Answer> {
  return (await (await harness.post(call(tool, args))).json()) as Answer;
}

function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(path, 'utf8')) as Shape;
}
