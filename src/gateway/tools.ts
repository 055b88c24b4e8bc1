import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue, RequestMessage, ResponseMessage } from '../domain/index.js';
import { type OutputSchema, OutputSchemas } from '../masking/index.js';
import type { AdvertisedTool } from '../policy/index.js';
import { type MirroredArgument, mirroredArguments } from '../protocol/index.js';
import type { ToolDefinition, ToolStore } from './store.js';

/** An upstream that advertises more tools than this is remembered up to here. */
const MOST_TOOLS = 10_000;

interface KnownTool {
  readonly advertised: AdvertisedTool;
  readonly mirrored: readonly MirroredArgument[];
}

/** Remembers what each upstream advertises, from the `tools/list` answers that pass. */
export class ToolCatalog {
  readonly #store: ToolStore;
  readonly #schemas = new OutputSchemas();
  readonly #tools = new Map<string, Map<string, KnownTool>>();

  /** @param store - outlives this process, and is one with other gateways' */
  constructor(store: ToolStore) {
    this.#store = store;
  }

  find(upstream: string, name: string): AdvertisedTool | undefined {
    return this.#tools.get(upstream)?.get(name)?.advertised;
  }

  /** A tool as its server last listed it, to whichever gateway and before whichever restart. */
  recall(upstream: string, name: string): Promise<ToolDefinition | undefined> {
    return this.#store.find(upstream, name);
  }

  /** What a tool's results are to satisfy, by its last listing; undefined where it said nothing. */
  async outputSchema(upstream: string, name: string): Promise<OutputSchema | 'unchecked' | undefined> {
    const listed = await this.recall(upstream, name);
    return listed && this.#schemas.of(listed);
  }

  /** Which arguments of a tool its calls repeat in headers; none where it was not listed yet. */
  mirrored(upstream: string, name: string): readonly MirroredArgument[] {
    return this.#tools.get(upstream)?.get(name)?.mirrored ?? [];
  }

  /** Takes in an answer as the upstream sent it, before anything is filtered from it. Durable when it resolves. */
  async learn(upstream: string, request: RequestMessage, answer: ResponseMessage): Promise<void> {
    if (request.method !== 'tools/list' || answer.outcome !== 'result') return;
    const known = this.#tools.get(upstream) ?? new Map<string, KnownTool>();
    this.#tools.set(upstream, known);
    const { document } = answer;
    const list = document.member(answer.body, 'tools');
    if (list === undefined) return;
    const definitions = new Map<string, ToolDefinition>();
    for (const tool of document.elements(list)) {
      const name = document.member(tool, 'name');
      if (name === undefined || document.kind(name) !== 'string') continue;
      const annotations = document.member(tool, 'annotations');
      const key = document.string(name);
      if (known.size >= MOST_TOOLS && !known.has(key)) break;
      const digest = `sha256:${createHash('sha256').update(document.slice(tool)).digest('hex')}`;
      const advertised = {
        name: key,
        annotations: annotations === undefined ? {} : objectOrEmpty(document.value(annotations)),
        digest,
      };
      known.set(key, { advertised, mirrored: mirroredArguments(document, tool) });
      definitions.set(key, { digest, definition: document.text(tool) });
    }
    if (definitions.size > 0) await this.#store.keep(upstream, definitions);
  }
}

function objectOrEmpty(value: JsonValue): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}
