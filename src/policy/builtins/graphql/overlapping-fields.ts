import {
  type Argument,
  type Field,
  type FragmentSpread,
  isField,
  isInlineFragment,
  KIND,
  type SelectionSet,
  type TypeReference,
  typeText,
  type Value,
} from './ast.js';
import { GraphqlFault } from './fault.js';
import type { Knowledge } from './knowledge.js';
import { Nesting } from './nesting.js';

const MAX_NESTING = 400;

/** How many steps it takes to compare two fields. */
const COMPARISON = 10;

/** What a selection selects directly: its fields by the names that they have in the answer, and fragments. */
interface Selected {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly spreads: readonly FragmentSpread[];
}

/**
 * Finds fields that would have one name in the answer and mean different things. The comparisons are gqlparser's, which
 * are graphql-js's, and stop at the first conflict.
 *
 * Source: https://spec.graphql.org/October2021/#sec-Field-Selection-Merging
 */
export class OverlappingFields {
  readonly #knowledge: Knowledge;
  readonly #nesting = new Nesting(MAX_NESTING);
  readonly #selected = new Map<SelectionSet, Selected>();
  /** Of two fragments that were compared, whether only fields of objects that exclude each other were. */
  readonly #comparedPairs = new Map<string, boolean>();
  #comparedFragments = new Set<string>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  /** @throws GraphqlFault where fields of a selection conflict */
  check(selections: SelectionSet): void {
    if (selections.length === 0) return;
    const selected = this.#select(selections);
    for (const fields of selected.fields.values()) {
      for (const [index, field] of fields.entries()) {
        for (const other of fields.slice(index + 1)) this.#compareFields(false, field, other);
      }
    }
    this.#comparedFragments = new Set();
    for (const [index, spread] of selected.spreads.entries()) {
      this.#compareWithFragment(false, selected, spread);
      for (const other of selected.spreads.slice(index + 1)) this.#compareFragments(false, spread, other);
    }
  }

  #compareWithFragment(exclusive: boolean, selected: Selected, spread: FragmentSpread): void {
    if (this.#comparedFragments.has(spread.name)) return;
    this.#comparedFragments.add(spread.name);
    const fragment = this.#knowledge.fragment(spread.name);
    if (fragment === undefined) return;
    const other = this.#select(fragment.selectionSet);
    if (other === selected) return;
    this.#nesting.deeper(() => {
      this.#compareSelected(exclusive, selected, other);
      for (const inner of other.spreads) {
        if (inner.name !== spread.name) this.#compareWithFragment(exclusive, selected, inner);
      }
    });
  }

  #compareFragments(exclusive: boolean, left: FragmentSpread, right: FragmentSpread): void {
    this.#knowledge.spend(1);
    if (left.name === right.name || this.#wereCompared(exclusive, left.name, right.name)) return;
    const ofLeft = this.#knowledge.fragment(left.name);
    const ofRight = this.#knowledge.fragment(right.name);
    if (ofLeft === undefined || ofRight === undefined) return;
    const leftSelected = this.#select(ofLeft.selectionSet);
    const rightSelected = this.#select(ofRight.selectionSet);
    this.#nesting.deeper(() => {
      this.#compareSelected(exclusive, leftSelected, rightSelected);
      for (const inner of rightSelected.spreads) this.#compareFragments(exclusive, left, inner);
      for (const inner of leftSelected.spreads) this.#compareFragments(exclusive, inner, right);
    });
  }

  /** A comparison in which fields did not exclude each other is the stricter one, and counts for both kinds. */
  #wereCompared(exclusive: boolean, left: string, right: string): boolean {
    const pair = left < right ? `${left} ${right}` : `${right} ${left}`;
    const before = this.#comparedPairs.get(pair);
    if (before !== undefined && (exclusive || !before)) return true;
    this.#comparedPairs.set(pair, exclusive);
    return false;
  }

  #compareSelections(exclusive: boolean, left: SelectionSet, right: SelectionSet): void {
    const leftSelected = this.#select(left);
    const rightSelected = this.#select(right);
    this.#compareSelected(exclusive, leftSelected, rightSelected);
    for (const spread of rightSelected.spreads) {
      this.#comparedFragments = new Set();
      this.#compareWithFragment(exclusive, leftSelected, spread);
    }
    for (const spread of leftSelected.spreads) {
      this.#comparedFragments = new Set();
      this.#compareWithFragment(exclusive, rightSelected, spread);
    }
    for (const spread of leftSelected.spreads) {
      for (const other of rightSelected.spreads) this.#compareFragments(exclusive, spread, other);
    }
  }

  #compareSelected(exclusive: boolean, left: Selected, right: Selected): void {
    this.#knowledge.spend(left.fields.size);
    for (const [name, fields] of left.fields) {
      const others = right.fields.get(name) ?? [];
      for (const field of fields) for (const other of others) this.#compareFields(exclusive, field, other);
    }
  }

  #compareFields(parentsExclusive: boolean, left: Field, right: Field): void {
    this.#knowledge.spend(COMPARISON + left.arguments.length * right.arguments.length);
    const leftPlace = this.#knowledge.fields.get(left);
    const rightPlace = this.#knowledge.fields.get(right);
    if (leftPlace?.parent === undefined || rightPlace?.parent === undefined) return;
    const exclusive =
      parentsExclusive ||
      (leftPlace.parent.name !== rightPlace.parent.name &&
        leftPlace.parent.kind === 'OBJECT' &&
        rightPlace.parent.kind === 'OBJECT' &&
        leftPlace.definition !== undefined &&
        rightPlace.definition !== undefined);
    if (!exclusive && left.name !== right.name) {
      throw conflict(left, right, `"${left.name}" and "${right.name}" are different fields`);
    }
    if (!exclusive && !haveSameArguments(left.arguments, right.arguments)) {
      throw conflict(left, right, 'they have differing arguments');
    }
    const leftType = leftPlace.definition?.type;
    const rightType = rightPlace.definition?.type;
    if (leftType !== undefined && rightType !== undefined && this.#typesConflict(leftType, rightType)) {
      const types = `"${typeText(leftType)}" and "${typeText(rightType)}"`;
      throw conflict(left, right, `they return conflicting types ${types}`);
    }
    this.#nesting.deeper(() => this.#compareSelections(exclusive, left.selectionSet, right.selectionSet));
  }

  #typesConflict(left: TypeReference, right: TypeReference): boolean {
    if (left.elem !== undefined && right.elem !== undefined)
      return this.#typesConflict(left.elem, right.elem);
    if (left.elem !== undefined || right.elem !== undefined || left.nonNull !== right.nonNull) return true;
    const isLeaf = ({ namedType }: TypeReference) =>
      ['SCALAR', 'ENUM'].includes(this.#knowledge.type(namedType)?.kind ?? '');
    return isLeaf(left) && isLeaf(right) && left.namedType !== right.namedType;
  }

  #select(selections: SelectionSet): Selected {
    const known = this.#selected.get(selections);
    if (known !== undefined) return known;
    const fields = new Map<string, Field[]>();
    const spreads: FragmentSpread[] = [];
    const collect = (set: SelectionSet) => {
      for (const selection of set) {
        if (isInlineFragment(selection)) collect(selection.selectionSet);
        else if (isField(selection)) {
          const name = selection.alias === '' ? selection.name : selection.alias;
          const alike = fields.get(name);
          if (alike === undefined) fields.set(name, [selection]);
          else alike.push(selection);
        } else spreads.push(selection);
      }
    };
    collect(selections);
    const selected = { fields, spreads };
    this.#selected.set(selections, selected);
    return selected;
  }
}

function conflict(left: Field, right: Field, reason: string): GraphqlFault {
  const name = left.alias === '' ? left.name : left.alias;
  const advice = 'Use different aliases on the fields to fetch both if this was intentional.';
  return new GraphqlFault(`Fields "${name}" conflict because ${reason}. ${advice}`, right.position);
}

function haveSameArguments(left: readonly Argument[], right: readonly Argument[]): boolean {
  if (left.length !== right.length) return false;
  return left.every(({ name, value }) =>
    right.some((other) => other.name === name && isSameValue(value, other.value)),
  );
}

function isSameValue(left: Value, right: Value): boolean {
  if (left.kind !== right.kind || left.raw !== right.raw) return false;
  if (left.children.length !== right.children.length) return false;
  const others = inOrder(right);
  return inOrder(left).every((child, index) => {
    const other = others[index];
    return other !== undefined && child.name === other.name && isSameValue(child.value, other.value);
  });
}

/** Input fields mean the same in any order, list elements do not. */
function inOrder({ kind, children }: Value): Value['children'] {
  if (kind !== KIND.object) return children;
  return [...children].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
