import type { JsonDocument, JsonNode, JsonObject } from '../../domain/index.js';
import { pointerSegments } from '../paths.js';
import type { Rewriting } from '../rewriting.js';
import type { Selection } from '../selection.js';
import { aloneAs, keyFor, precedenceOf, strategies } from '../strategies/index.js';
import type { MendRequest } from './fit.js';
import { neutral } from './neutral.js';
import type { OutputSchema, SchemaFault } from './schema.js';
import { isSchemaObject } from './weight.js';

/** What stands at the start of each text that a pattern takes. */
const BEGINNING = /^\^([\w:/-]+)(?![\w:/?*+{|-])/;

/** Chooses other replacements for masked values, until a schema has nothing to say against them. */
export class Replacements {
  /** JSON texts in the places of values of the document. */
  readonly chosen = new Map<JsonNode, string>();
  readonly #tried = new Map<JsonNode, number>();
  readonly #document: JsonDocument;
  readonly #selection: Selection;
  readonly #schema: OutputSchema;
  readonly #content: JsonNode;
  readonly #fakeKey: Buffer;

  constructor({ document, selection, outputSchema, hashKey }: MendRequest, content: JsonNode) {
    this.#document = document;
    this.#selection = selection;
    this.#schema = outputSchema;
    this.#content = content;
    this.#fakeKey = keyFor('fake', hashKey);
  }

  /**
   * Chooses for each fault, one for each value.
   *
   * @returns whether any was found that was not tried yet
   */
  choose(faults: readonly SchemaFault[], { replaced }: Pick<Rewriting, 'replaced'>): boolean {
    const done = new Set<JsonNode>();
    for (const fault of faults) {
      for (const [node, wanted] of this.#places(fault, replaced)) {
        if (done.has(node)) continue;
        const attempt = this.#tried.get(node) ?? 0;
        const candidate = this.#candidates(node, wanted)[attempt];
        if (candidate === undefined) continue;
        done.add(node);
        this.#tried.set(node, attempt + 1);
        this.chosen.set(node, candidate);
      }
    }
    return done.size > 0;
  }

  /** The masked values that a fault is about, and what is wanted there. */
  #places(fault: SchemaFault, replaced: ReadonlySet<JsonNode>): (readonly [JsonNode, JsonObject])[] {
    const node = this.#find(fault.path);
    if (node === undefined) return [];
    if (replaced.has(node)) return [[node, fault.wanted]];
    const { properties, items, additionalProperties } = fault.wanted;
    if (fault.missing !== undefined) {
      const member = this.#document.member(node, fault.missing);
      const declared = isSchemaObject(properties) ? properties[fault.missing] : undefined;
      return member === undefined || !this.#isGone(member) ? [] : [[member, asSchema(declared)]];
    }
    const children = [...this.#document.elements(node)].map((child) => [child, asSchema(items)] as const);
    const members = [...this.#document.members(node)].map(
      ([, child]) => [child, asSchema(additionalProperties)] as const,
    );
    return fault.keyword === 'minItems' || fault.keyword === 'minProperties'
      ? [...children, ...members].filter(([child]) => this.#isGone(child))
      : [];
  }

  /** Where a pointer into what the masks leave leads in the document; within a replaced value, that value. */
  #find(path: string): JsonNode | undefined {
    let node: JsonNode | undefined = this.#content;
    for (const name of pointerSegments(path)) {
      if (node === undefined || this.chosen.has(node)) return node;
      node = this.#child(node, name);
    }
    return node;
  }

  #child(node: JsonNode, name: string): JsonNode | undefined {
    if (this.#document.kind(node) !== 'array') return this.#document.member(node, name);
    return [...this.#document.elements(node)].filter((element) => !this.#isGone(element))[Number(name)];
  }

  /** Whether a mask removes a value, and none was chosen to take its place. */
  #isGone(node: JsonNode): boolean {
    return this.#selection.wholes.get(node)?.removes === true && !this.chosen.has(node);
  }

  /**
   * What could stand there, as JSON, the best first. Where the mask's own replacements keep values apart these do too;
   * where it hides more, a fake is tried last, for patterns that no fixed text fits. Never what stood there.
   */
  #candidates(node: JsonNode, wanted: JsonObject): string[] {
    const fixed = leavesNoChoice(wanted) ? [] : [JSON.stringify(neutral(wanted, this.#schema.root))];
    const fakes = this.#fakes(node, wanted);
    const mask = this.#selection.wholes.get(node) ?? this.#selection.matches.get(node)?.[0]?.mask;
    const keepsApart = mask !== undefined && mask.precedence >= precedenceOf('hash');
    if (keepsApart) return [...fakes, ...fixed];
    return wanted['pattern'] === undefined ? fixed : [...fixed, ...fakes];
  }

  #fakes(node: JsonNode, { pattern }: JsonObject): string[] {
    const kind = this.#document.kind(node);
    if (kind !== 'string' && kind !== 'number') return [];
    const text = kind === 'string' ? this.#document.string(node) : this.#document.text(node);
    const fake = strategies.fake(
      { kind, text },
      {
        hashKey: this.#fakeKey,
        fakeKey: this.#fakeKey,
        detector: undefined,
        literal: null,
        tokenOf: undefined,
      },
    );
    const beginning = typeof pattern === 'string' ? (BEGINNING.exec(pattern)?.[1] ?? '') : '';
    const begun = beginning + fake.text.slice(beginning.length);
    const fits = beginning !== '' && begun !== text;
    return [...(fits ? [JSON.stringify(begun)] : []), aloneAs(kind, fake)];
  }
}

/** Whether only what a mask hides could stand there. One of several is always the first, whatever stood there. */
function leavesNoChoice({ const: only, enum: choices }: JsonObject): boolean {
  return only !== undefined || (Array.isArray(choices) && choices.length < 2);
}

function asSchema(schema: unknown): JsonObject {
  return isSchemaObject(schema) ? schema : {};
}
