import type {
  JsonDocument,
  JsonNode,
  JsonObject,
  JsonValue,
  RequestMessage,
  ResponseMessage,
  UpstreamPins,
} from '../domain/index.js';
import { type OutputSchema, OutputSchemas } from '../masking/index.js';
import type { AdvertisedTool, ListedTool } from '../policy/index.js';
import { type MirroredArgument, mirroredArguments, readJson } from '../protocol/index.js';
import { changedParts, fingerprint, sha256, toolParts } from './pinning/fingerprint.js';
import { pinOf } from './pinning/pin-of.js';
import { serverDefinition } from './pinning/server.js';
import { textSuspicions } from './pinning/text-suspicions.js';
import { toolDifference } from './pinning/tool-difference.js';
import { ToolNames } from './pinning/tool-names.js';
import type { ListedDefinition, ToolStore } from './store.js';

/** An upstream that advertises more tools than this is remembered up to here. */
const MOST_TOOLS = 10_000;
/** Definitions that are not looked at again when they come again, and of how many bytes in all. */
const MOST_DESCRIBED = 20_000;
const MOST_DESCRIBED_BYTES = 64 * 1024 * 1024;

interface KnownTool {
  readonly described: DescribedTool;
  readonly mirrored: readonly MirroredArgument[];
}

/** A definition as it was looked at. */
interface DescribedTool extends ListedTool {
  readonly digest: string;
  readonly annotations: JsonObject;
}

/** To whom an upstream lists its tools, and what of them was looked at. */
export interface Viewing {
  /** Digest of whose session it is. */
  readonly viewer: string;
  /** By the revision that judged the list; undefined where nothing of this upstream is pinned. */
  readonly pins: UpstreamPins | undefined;
}

/** A tool whose definition was not known before. */
export interface NewDefinition {
  readonly tool: string;
  readonly digest: string;
  readonly suspicions: readonly string[];
}

/** Remembers what each upstream advertises, from the `tools/list` answers that pass. */
export class ToolCatalog {
  readonly #store: ToolStore;
  readonly #schemas = new OutputSchemas();
  readonly #tools = new Map<string, Map<string, KnownTool>>();
  /** By digest. */
  readonly #described = new Map<string, DescribedTool>();
  #describedBytes = 0;
  readonly #advertised = new Map<string, { readonly tool: AdvertisedTool; readonly names: number }>();
  readonly #names = new ToolNames();
  readonly #fronts: (upstream: string) => boolean;
  #loading: Promise<void> | undefined;

  /**
   * @param store - outlives this process, and is one with other gateways'
   * @param fronts - whether the gateway fronts an upstream; what others list is compared with nothing
   */
  constructor(store: ToolStore, fronts: (upstream: string) => boolean = () => true) {
    this.#store = store;
    this.#fronts = fronts;
  }

  /** A tool as its server last listed it to this gateway. */
  find(upstream: string, name: string): AdvertisedTool | undefined {
    const known = this.#tools.get(upstream)?.get(name);
    return known && this.#advertise(upstream, name, known.described);
  }

  /**
   * A tool as that session was shown it, where it was shown it otherwise than it is pinned; else as its server last listed
   * it, to whichever gateway and before whichever restart.
   */
  async findShown(upstream: string, viewer: string, name: string): Promise<AdvertisedTool | undefined> {
    await this.loadNames();
    const kept = await this.recall(upstream, name, viewer);
    if (kept === undefined) return undefined;
    const { digest, definition } = kept;
    // What it was is not known any more: it has no part that could be as it is pinned.
    if (definition === undefined) return { name, annotations: {}, digest, parts: {}, suspicions: [] };
    return this.#advertise(upstream, name, this.#describeText(digest, definition));
  }

  /** A tool's definition as {@link findShown} has it, as it was sent; without a viewer as it was last listed. */
  async recall(
    upstream: string,
    name: string,
    viewer?: string,
  ): Promise<{ readonly digest: string; readonly definition?: string } | undefined> {
    const shown = viewer === undefined ? undefined : await this.#store.findShown(upstream, viewer, name);
    return shown ?? this.#store.find(upstream, name);
  }

  /** In which way a tool is not as it is pinned, for people to read; undefined where it is, or has no pin. */
  async difference(
    upstream: string,
    name: string | undefined,
    definition: string,
    pins: UpstreamPins | undefined,
  ): Promise<string | undefined> {
    const pinned = name === undefined ? undefined : pinOf(pins, name);
    if (name === undefined || pinned === undefined) return undefined;
    const before = await this.#store.findVersion(upstream, name, fingerprint(pinned));
    return toolDifference(pinned, before?.definition, definition);
  }

  /** What a tool's results are to satisfy, by its last listing; undefined where it said nothing. */
  async outputSchema(upstream: string, name: string): Promise<OutputSchema | 'unchecked' | undefined> {
    const listed = await this.#store.find(upstream, name);
    return listed && this.#schemas.of(listed);
  }

  /** Which arguments of a tool its calls repeat in headers; none where it was not listed yet. */
  mirrored(upstream: string, name: string): readonly MirroredArgument[] {
    return this.#tools.get(upstream)?.get(name)?.mirrored ?? [];
  }

  /** What is known of each entry of a list of tools, in its order. */
  describeList(upstream: string, document: JsonDocument, list: JsonNode): ListedTool[] {
    return [...document.elements(list)].map((tool) => {
      const { parts, suspicions } = this.#describe(document, tool);
      const name = nameOf(document, tool);
      const ofName = name === undefined ? [] : this.#names.suspicionsOf(upstream, name);
      return { parts, suspicions: [...suspicions, ...ofName] };
    });
  }

  /**
   * Takes in an answer as the upstream sent it, before anything is filtered from it. Durable when it resolves.
   *
   * @returns the tools whose definition was not known before
   */
  async learn(
    upstream: string,
    request: RequestMessage,
    answer: ResponseMessage,
    viewing: Viewing,
  ): Promise<readonly NewDefinition[]> {
    if (answer.outcome !== 'result') return [];
    if (request.method === 'initialize' || request.method === 'server/discover')
      await this.#store.keepServer(upstream, serverDefinition(answer.document, answer.body));
    if (request.method !== 'tools/list') return [];
    await this.loadNames();
    const known = this.#tools.get(upstream) ?? new Map<string, KnownTool>();
    this.#tools.set(upstream, known);
    const { document } = answer;
    const list = document.member(answer.body, 'tools');
    if (list === undefined) return [];
    const definitions = new Map<string, ListedDefinition>();
    const otherwise = new Map<string, string>();
    for (const tool of document.elements(list)) {
      const name = nameOf(document, tool);
      if (name === undefined) continue;
      const described = this.#describe(document, tool);
      const { digest, parts } = described;
      const pinned = pinOf(viewing.pins, name);
      if (pinned !== undefined && changedParts(pinned, parts).length > 0) otherwise.set(name, digest);
      // One that is known may come after any number of others.
      if (known.size >= MOST_TOOLS && !known.has(name)) continue;
      known.set(name, { described, mirrored: mirroredArguments(document, tool) });
      this.#names.add(upstream, name);
      definitions.set(name, { digest, definition: document.text(tool), fingerprint: fingerprint(parts) });
    }
    const news = await this.#store.keep(upstream, definitions, fingerprintsOf(viewing.pins, definitions));
    if (viewing.pins !== undefined) {
      const begins = !continues(request);
      await this.#store.keepShown({ upstream, viewer: viewing.viewer, begins, digests: otherwise });
    }
    return [...news].flatMap((tool) => {
      const { digest, suspicions } = this.find(upstream, tool) ?? {};
      return digest === undefined || suspicions === undefined ? [] : [{ tool, digest, suspicions }];
    });
  }

  /** Takes in the names of all tools that were listed before this process began; once, unless it fails. */
  async loadNames(): Promise<void> {
    this.#loading ??= this.#readNames();
    try {
      await this.#loading;
    } catch (thrown) {
      this.#loading = undefined;
      throw thrown;
    }
  }

  async #readNames(): Promise<void> {
    for (const { upstream, name } of await this.#store.names())
      if (this.#fronts(upstream)) this.#names.add(upstream, name);
  }

  #describe(document: JsonDocument, tool: JsonNode): DescribedTool {
    const digest = sha256(document.slice(tool));
    return this.#described.get(digest) ?? this.#describeAnew(digest, document, tool);
  }

  #describeText(digest: string, definition: string): DescribedTool {
    const before = this.#described.get(digest);
    if (before !== undefined) return before;
    const document = readJson(Buffer.from(definition), { maxDepth: Number.POSITIVE_INFINITY });
    return this.#describeAnew(digest, document, document.root);
  }

  #describeAnew(digest: string, document: JsonDocument, tool: JsonNode): DescribedTool {
    const annotations = document.member(tool, 'annotations');
    const described = {
      digest,
      annotations: annotations === undefined ? {} : objectOrEmpty(document.value(annotations)),
      parts: toolParts(document, tool),
      suspicions: textSuspicions(document, tool),
    };
    this.#describedBytes += document.end(tool) - document.start(tool);
    if (this.#described.size >= MOST_DESCRIBED || this.#describedBytes > MOST_DESCRIBED_BYTES) {
      this.#described.clear();
      this.#advertised.clear();
      this.#describedBytes = 0;
    }
    this.#described.set(digest, described);
    return described;
  }

  /** The same object as long as it says the same: what policy is shown of it is checked once. */
  #advertise(upstream: string, name: string, described: DescribedTool): AdvertisedTool {
    const { digest, annotations, parts, suspicions } = described;
    const key = `${upstream} ${digest} ${name}`; // neither of the first two has spaces
    const names = this.#names.size;
    const before = this.#advertised.get(key);
    if (before?.names === names) return before.tool;
    const all = [...suspicions, ...this.#names.suspicionsOf(upstream, name)];
    const tool = { name, annotations, digest, parts, suspicions: all };
    if (this.#advertised.size >= MOST_DESCRIBED) this.#advertised.clear();
    this.#advertised.set(key, { tool, names });
    return tool;
  }
}

function nameOf(document: JsonDocument, tool: JsonNode): string | undefined {
  const name = document.member(tool, 'name');
  return name === undefined || document.kind(name) !== 'string' ? undefined : document.string(name);
}

function fingerprintsOf(
  pins: UpstreamPins | undefined,
  definitions: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, string> {
  return new Map(
    [...definitions.keys()].flatMap((name) => {
      const pinned = pinOf(pins, name);
      return pinned === undefined ? [] : [[name, fingerprint(pinned)] as const];
    }),
  );
}

/** Whether a request asks for a further page. */
function continues({ document, params }: RequestMessage): boolean {
  return params !== undefined && document.member(params, 'cursor') !== undefined;
}

function objectOrEmpty(value: JsonValue): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}
