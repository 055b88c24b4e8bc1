import { dataAt } from '../bundles/index.js';
import type { FactSource, JsonDocument } from '../domain/index.js';
import { factSourcesIn, loadGrammars, readFacts } from '../facts/index.js';
import { withMember } from '../protocol/index.js';

const PLACE = ['settings', 'facts'];

/**
 * What a bundle's data says is to be read out of arguments. The grammars for it are loaded.
 *
 * @throws FactsError `malformed`
 */
export async function factSourcesOf(data: Buffer): Promise<readonly FactSource[]> {
  const sources = factSourcesIn(dataAt(data, PLACE));
  await loadGrammars(sources);
  return sources;
}

/**
 * An input document with the facts that a gateway would read out of its call. One that has facts keeps its own.
 *
 * @throws FactsError `malformed`
 */
export async function withFacts(data: Buffer, input: JsonDocument): Promise<Buffer> {
  const text = (...names: string[]): string | undefined => {
    const node = input.at(...names);
    return node !== undefined && input.kind(node) === 'string' ? input.string(node) : undefined;
  };
  const upstream = text('upstream', 'name');
  const tool = text('message', 'params', 'name');
  const isCall = text('direction') === 'to_server' && text('message', 'method') === 'tools/call';
  if (!isCall || upstream === undefined || tool === undefined || input.at('facts') !== undefined)
    return input.bytes;
  const node = input.at('message', 'params', 'arguments');
  const facts = readFacts(await factSourcesOf(data), { upstream, tool, document: input, node });
  return facts === undefined ? input.bytes : withMember(input, input.root, 'facts', JSON.stringify(facts));
}
