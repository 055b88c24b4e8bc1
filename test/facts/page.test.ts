import { readFileSync } from 'node:fs';
import { loadGrammars, readFacts } from '../../src/facts/index.js';
import { readJson } from '../../src/protocol/index.js';

const page = readFileSync('docs/facts.md', 'utf8');
const { properties } = JSON.parse(readFileSync('schemas/input.schema.json', 'utf8')) as {
  properties: { facts: object };
};

/** Each kind with the text that the page reads, and what it says of it. */
const examples = [
  ...page.matchAll(/^## `(\w+)`$[\s\S]*?```text\n\$ (.*)\n```\n\n```json \w+\n([\s\S]*?)\n```/gm),
].map(([, kind = '', text = '', said = '']) => ({ kind, text, said }));

beforeAll(() => loadGrammars(examples.map(({ kind }) => source(kind))));

describe('the page on facts', () => {
  it('has an example of each kind', () => {
    const kinds = Object.keys((properties.facts as { properties: object }).properties);
    expect(examples.map(({ kind }) => kind)).toEqual(kinds);
  });

  it.each(examples)('shows what is read as $kind', ({ kind, text, said }) => {
    const document = readJson(Buffer.from(JSON.stringify({ it: text })), { maxDepth: 3 });
    const facts = readFacts([source(kind)], { upstream: 'u', tool: 't', document, node: document.root });
    expect(JSON.parse(said)).toEqual(facts?.[kind as 'shell']?.map(({ argument: _, ...rest }) => rest));
  });
});

function source(kind: string) {
  return { upstream: 'u', tool: 't', argument: '/it', read: kind as 'shell' };
}
