import type { JsonValue } from '../../domain/index.js';
import { compileOutputSchema, type OutputSchema, OutputSchemaError } from './schema.js';
import { isSchemaObject } from './weight.js';

export type { OutputSchema } from './schema.js';

/** Schemas that are kept ready, the longest unused forgotten first. */
const MOST = 200;

/** A tool as its server listed it. */
export interface ListedTool {
  /** Of the definition. */
  readonly digest: string;
  /** JSON. */
  readonly definition: string;
}

/** The output schemas of tools, each compiled once. */
export class OutputSchemas {
  readonly #known = new Map<string, OutputSchema | 'unchecked' | undefined>();

  /** That of a tool; `unchecked` where nobody could tell in bounded time whether a result satisfies it. */
  of({ digest, definition }: ListedTool): OutputSchema | 'unchecked' | undefined {
    const known = this.#known.has(digest) ? this.#known.get(digest) : schemaIn(definition);
    this.#known.delete(digest);
    this.#known.set(digest, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

function schemaIn(definition: string): OutputSchema | 'unchecked' | undefined {
  const tool = JSON.parse(definition) as JsonValue;
  const schema = isSchemaObject(tool) ? tool['outputSchema'] : undefined;
  if (!isSchemaObject(schema)) return undefined;
  try {
    return compileOutputSchema(schema, Buffer.byteLength(definition));
  } catch (thrown) {
    if (thrown instanceof OutputSchemaError) return 'unchecked';
    throw thrown;
  }
}
