import {
  type Definition,
  type Fragment,
  type FragmentSpread,
  type InlineFragment,
  isField,
  isInlineFragment,
  type SelectionSet,
} from './ast.js';
import { findCircular } from './circular.js';
import { GraphqlFault } from './fault.js';
import type { Knowledge } from './knowledge.js';
import { repeated } from './named.js';

/** The rules that fragments are held to. Each throws a GraphqlFault where it is broken. */
export class FragmentRules {
  readonly #knowledge: Knowledge;
  /** Fragments that operations spread, or that the first definition spreads: gqlparser counts these too. */
  readonly #used = new Set<string>();
  #definitions = 0;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  checkInline({ typeCondition, position }: InlineFragment, parent: Definition | undefined): void {
    if (typeCondition === '') return;
    const type = this.#knowledge.type(typeCondition);
    if (type === undefined) throw new GraphqlFault(`Unknown type "${typeCondition}".`, position);
    if (!isComposite(type)) {
      throw new GraphqlFault(`Fragment cannot condition on non composite type "${typeCondition}".`, position);
    }
    if (parent === undefined || this.#mayOverlap(parent, type)) return;
    const message = `Fragment cannot be spread here as objects of type "${parent.name}" can never be of type "${typeCondition}".`;
    throw new GraphqlFault(message, position);
  }

  checkSpread(
    { name, position }: FragmentSpread,
    fragment: Fragment | undefined,
    parent: Definition | undefined,
  ) {
    if (fragment === undefined) throw new GraphqlFault(`Unknown fragment "${name}".`, position);
    if (this.#definitions === 0) this.#used.add(name);
    const type = this.#knowledge.type(fragment.typeCondition);
    if (parent === undefined || type === undefined || this.#mayOverlap(parent, type)) return;
    const message = `Fragment "${name}" cannot be spread here as objects of type "${parent.name}" can never be of type "${type.name}".`;
    throw new GraphqlFault(message, position);
  }

  checkDefinition({ name, typeCondition, position }: Fragment, type: Definition | undefined): void {
    if (type === undefined) throw new GraphqlFault(`Unknown type "${typeCondition}".`, position);
    if (!isComposite(type)) {
      const message = `Fragment "${name}" cannot condition on non composite type "${typeCondition}".`;
      throw new GraphqlFault(message, position);
    }
    if (this.#definitions === 0) this.#checkAll();
    this.#definitions += 1;
    if (!this.#used.has(name)) throw new GraphqlFault(`Fragment "${name}" is never used.`, position);
  }

  #checkAll(): void {
    const { fragments } = this.#knowledge.document;
    const circular = findCircular(
      new Map(fragments.map(({ name, selectionSet }) => [name, spreadNames(selectionSet)])),
    );
    if (circular !== undefined) {
      const position = this.#knowledge.fragment(circular)?.position;
      throw new GraphqlFault(`Cannot spread fragment "${circular}" within itself.`, position);
    }
    const again = repeated(fragments);
    if (again === undefined) return;
    throw new GraphqlFault(`There can be only one fragment named "${again.name}".`, again.position);
  }

  /** Whether an object of the one type may be one of the other; where one has no objects, others have to say. */
  #mayOverlap(parent: Definition, type: Definition): boolean {
    if (!isComposite(parent) || !isComposite(type)) return true;
    const { possibleTypes } = this.#knowledge.schema;
    const ofParent = parent.kind === 'OBJECT' ? [parent.name] : (possibleTypes.get(parent.name) ?? []);
    const ofType = possibleTypes.get(type.name) ?? [];
    this.#knowledge.spend(ofParent.length + ofType.length);
    const names = new Set(ofParent);
    return ofType.some((name) => names.has(name));
  }
}

function isComposite({ kind }: Definition): boolean {
  return kind === 'OBJECT' || kind === 'INTERFACE' || kind === 'UNION';
}

function spreadNames(selections: SelectionSet): string[] {
  const names: string[] = [];
  const sets = [selections];
  for (let set = sets.pop(); set !== undefined; set = sets.pop()) {
    for (const selection of set) {
      if (isField(selection) || isInlineFragment(selection)) sets.push(selection.selectionSet);
      else names.push(selection.name);
    }
  }
  return names;
}
