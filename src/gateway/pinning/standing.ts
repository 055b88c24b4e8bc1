import type { Pins, UpstreamPins } from '../../domain/index.js';
import { readJson } from '../../protocol/index.js';
import type { ToolStore } from '../store.js';
import { fingerprint, toolParts } from './fingerprint.js';
import { pinOf } from './pin-of.js';
import { textSuspicions } from './text-suspicions.js';
import { toolDifference } from './tool-difference.js';
import { ToolNames } from './tool-names.js';

/** How a tool, as its upstream listed it last, stands to what is pinned of it. */
export interface ToolStanding {
  readonly upstream: string;
  readonly tool: string;
  /** `unlisted`: it is pinned, and was never listed. */
  readonly state: 'pinned' | 'changed' | 'unpinned' | 'unlisted';
  readonly suspicions: readonly string[];
  /** Of a changed one: in which way, by lines. */
  readonly difference?: string;
}

type Learned = Pick<ToolStore, 'list' | 'findVersion'>;

/** How all tools of some upstreams stand, by upstream and name. */
export async function toolStandings(
  store: Learned,
  pins: Pick<Pins, 'upstreams'>,
  upstreams: readonly string[],
): Promise<readonly ToolStanding[]> {
  const listed = await Promise.all(
    upstreams.map(async (upstream) => ({ upstream, tools: await byName(store, upstream) })),
  );
  const names = new ToolNames();
  for (const { upstream, tools } of listed) for (const { name } of tools) names.add(upstream, name);
  const standings: ToolStanding[] = [];
  for (const { upstream, tools } of listed) {
    const pinned = Object.hasOwn(pins.upstreams, upstream) ? pins.upstreams[upstream] : undefined;
    const known = new Set(tools.map(({ name }) => name));
    for (const { name, definition } of tools)
      standings.push({
        upstream,
        tool: name,
        suspicions: [...suspicionsIn(definition), ...names.suspicionsOf(upstream, name)],
        ...(await compared(store, upstream, name, definition, pinned)),
      });
    for (const tool of Object.keys(pinned?.tools ?? {}))
      if (!known.has(tool)) standings.push({ upstream, tool, state: 'unlisted', suspicions: [] });
  }
  return standings;
}

async function compared(
  store: Learned,
  upstream: string,
  name: string,
  definition: string,
  pins: UpstreamPins | undefined,
): Promise<Pick<ToolStanding, 'state' | 'difference'>> {
  const pinned = pinOf(pins, name);
  if (pinned === undefined) return { state: 'unpinned' };
  if (fingerprint(pinned) === fingerprint(partsOf(definition))) return { state: 'pinned' };
  const before = await store.findVersion(upstream, name, fingerprint(pinned));
  const difference = toolDifference(pinned, before?.definition, definition);
  return { state: 'changed', ...(difference !== undefined && { difference }) };
}

function partsOf(definition: string) {
  const document = read(definition);
  return toolParts(document, document.root);
}

function suspicionsIn(definition: string): readonly string[] {
  const document = read(definition);
  return textSuspicions(document, document.root);
}

async function byName(store: Learned, upstream: string) {
  const tools = await store.list(upstream);
  return [...tools].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What the store has was read strictly before. */
function read(text: string) {
  return readJson(Buffer.from(text), { maxDepth: Number.POSITIVE_INFINITY });
}
