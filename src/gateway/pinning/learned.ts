import type { UpstreamPins } from '../../domain/index.js';
import { readJson } from '../../protocol/index.js';
import type { ToolStore } from '../store.js';
import { serverParts, toolParts } from './fingerprint.js';

/** Pins of all that an upstream listed, and said of itself, as it did last. */
export async function learnedPins(
  store: Pick<ToolStore, 'list' | 'findServer'>,
  upstream: string,
): Promise<UpstreamPins> {
  const listed = await store.list(upstream);
  const server = await store.findServer(upstream);
  const tools = listed
    .map(({ name, definition }) => {
      const document = read(definition);
      return [name, toolParts(document, document.root)] as const;
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const said = server && read(server.definition);
  return {
    tools: Object.fromEntries(tools),
    ...(said !== undefined && { server: serverParts(said, said.root) }),
  };
}

/** What the store has was read strictly before. */
function read(text: string) {
  return readJson(Buffer.from(text), { maxDepth: Number.POSITIVE_INFINITY });
}
