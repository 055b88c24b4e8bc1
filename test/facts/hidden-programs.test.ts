import { readFileSync } from 'node:fs';
import { loadGrammars, readFacts } from '../../src/facts/index.js';
import { readJson } from '../../src/protocol/index.js';

/** Command lines of which a shell runs `rm`, each in another disguise. */
const cases = JSON.parse(readFileSync('test/cases/facts/hidden-programs.json', 'utf8')) as {
  why: string;
  text: string;
}[];
const SOURCE = { upstream: 'u', tool: 't', argument: '/it', read: 'shell' } as const;

beforeAll(() => loadGrammars([SOURCE]));

test.each(cases)('does not hide the program: $why', ({ text }) => {
  const document = readJson(Buffer.from(JSON.stringify({ it: text })), { maxDepth: 3 });
  const facts = readFacts([SOURCE], { upstream: 'u', tool: 't', document, node: document.root });
  const [read] = facts?.shell ?? [];
  const programs = read?.commands.map(({ program }) => program) ?? [];
  expect(read?.readable === false || programs.includes('rm') || programs.includes(null)).toBe(true);
});
