import {
  type Argument,
  type ArgumentDefinition,
  type Definition,
  type Directive,
  type Field,
  type Fragment,
  type FragmentSpread,
  type InlineFragment,
  isField,
  isInlineFragment,
  KIND,
  type Operation,
  type QueryDocument,
  type SelectionSet,
  typeName,
  type Value,
} from './ast.js';
import { checkDirective, checkDirectiveList } from './directive-rules.js';
import { checkField } from './field-rules.js';
import { FragmentRules } from './fragment-rules.js';
import { Knowledge } from './knowledge.js';
import { named } from './named.js';
import { Nesting } from './nesting.js';
import { checkOperation, checkOperationNames, checkVariableType } from './operation-rules.js';
import { OverlappingFields } from './overlapping-fields.js';
import { type Schema, TYPENAME } from './schema.js';
import { checkValue } from './value-rules.js';

/** How deeply selections may nest, fragments included, and values. */
const MAX_NESTING = 800;

/**
 * Walks through a query and holds it to every rule.
 *
 * @param spend accounts for work
 * @throws GraphqlFault with the first rule that it breaks
 * Source: https://spec.graphql.org/October2021/#sec-Validation, as gqlparser keeps it
 */
export function validate(schema: Schema, document: QueryDocument, spend: (units: number) => void): void {
  const walk = new Walk(new Knowledge(schema, document, spend));
  checkOperationNames(document.operations);
  for (const operation of document.operations) walk.operation(operation);
  for (const fragment of document.fragments) walk.fragment(fragment);
}

class Walk {
  readonly #knowledge: Knowledge;
  readonly #overlapping: OverlappingFields;
  readonly #fragmentRules: FragmentRules;
  readonly #nesting = new Nesting(MAX_NESTING);
  /** The fragments that were walked through for this operation or fragment. */
  #entered = new Set<Fragment>();

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
    this.#overlapping = new OverlappingFields(knowledge);
    this.#fragmentRules = new FragmentRules(knowledge);
  }

  operation(operation: Operation): void {
    const knowledge = this.#knowledge;
    this.#entered = new Set();
    knowledge.operation = operation;
    for (const variable of operation.variableDefinitions) {
      const definition = knowledge.type(typeName(variable.type));
      checkVariableType(variable, definition);
      if (variable.defaultValue !== undefined) {
        const expectation = { type: variable.type, hasDefault: false, definition };
        knowledge.expectations.set(variable.defaultValue, expectation);
        this.#value(variable.defaultValue);
      }
      this.#directives(variable.directives, 'VARIABLE_DEFINITION');
    }
    const root = knowledge.schema.roots.get(operation.operation || 'query');
    this.#directives(operation.directives, (operation.operation || 'query').toUpperCase());
    this.#selections(root, operation.selectionSet);
    checkOperation(knowledge, operation, root);
    this.#overlapping.check(operation.selectionSet);
    knowledge.operation = undefined;
  }

  fragment(fragment: Fragment): void {
    this.#entered = new Set();
    const type = this.#knowledge.type(fragment.typeCondition);
    this.#directives(fragment.directives, 'FRAGMENT_DEFINITION');
    this.#selections(type, fragment.selectionSet);
    this.#fragmentRules.checkDefinition(fragment, type);
    this.#overlapping.check(fragment.selectionSet);
  }

  #selections(parent: Definition | undefined, selections: SelectionSet): void {
    this.#nesting.deeper(() => {
      for (const selection of selections) {
        this.#knowledge.spend(1);
        if (isField(selection)) this.#field(parent, selection);
        else if (isInlineFragment(selection)) this.#inlineFragment(parent, selection);
        else this.#spread(parent, selection);
      }
    });
  }

  #field(parent: Definition | undefined, field: Field): void {
    const knowledge = this.#knowledge;
    const known = parent === undefined ? undefined : named(parent.fields, field.name);
    const definition = field.name === '__typename' ? TYPENAME : known;
    const place = { definition, parent };
    knowledge.spend(definition?.arguments.length ?? 0);
    knowledge.fields.set(field, place);
    const type = definition === undefined ? undefined : knowledge.type(typeName(definition.type));
    for (const argument of field.arguments) this.#argument(definition?.arguments ?? [], argument);
    this.#directives(field.directives, 'FIELD');
    this.#selections(type, field.selectionSet);
    checkField(knowledge, field, place);
    // What a fragment selects is compared where the fragment is spread, and once by itself.
    if (knowledge.operation !== undefined) this.#overlapping.check(field.selectionSet);
  }

  #inlineFragment(parent: Definition | undefined, fragment: InlineFragment): void {
    const { typeCondition } = fragment;
    const type = typeCondition === '' ? parent : this.#knowledge.type(typeCondition);
    this.#directives(fragment.directives, 'INLINE_FRAGMENT');
    this.#selections(type, fragment.selectionSet);
    this.#fragmentRules.checkInline(fragment, parent);
    this.#overlapping.check(fragment.selectionSet);
  }

  #spread(parent: Definition | undefined, spread: FragmentSpread): void {
    const fragment = this.#knowledge.fragment(spread.name);
    this.#directives(spread.directives, 'FRAGMENT_SPREAD');
    if (fragment !== undefined && !this.#entered.has(fragment)) {
      this.#entered.add(fragment);
      this.#directives(fragment.directives, 'FRAGMENT_DEFINITION');
      this.#selections(this.#knowledge.type(fragment.typeCondition), fragment.selectionSet);
    }
    this.#fragmentRules.checkSpread(spread, fragment, parent);
  }

  #directives(directives: readonly Directive[], location: string): void {
    const definitions = this.#knowledge.schema.directives;
    for (const directive of directives) {
      const definition = definitions.get(directive.name);
      this.#knowledge.spend(1 + (definition?.arguments.length ?? 0) + (definition?.locations.length ?? 0));
      for (const argument of directive.arguments) this.#argument(definition?.arguments ?? [], argument);
      checkDirective(directive, definition, location);
    }
    checkDirectiveList(directives, definitions);
  }

  #argument(definitions: readonly ArgumentDefinition[], argument: Argument): void {
    const definition = named(definitions, argument.name);
    if (definition !== undefined) this.#expect(argument.value, definition);
    this.#value(argument.value);
  }

  #expect(value: Value, { type, defaultValue }: Pick<ArgumentDefinition, 'type' | 'defaultValue'>): void {
    const hasDefault = defaultValue !== undefined && defaultValue.kind !== KIND.null;
    const definition = this.#knowledge.type(typeName(type));
    this.#knowledge.expectations.set(value, { type, hasDefault, definition });
  }

  #value(value: Value): void {
    const knowledge = this.#knowledge;
    knowledge.spend(1);
    if (value.kind === KIND.variable && knowledge.operation !== undefined)
      this.#variable(value, knowledge.operation);
    const expectation = knowledge.expectations.get(value);
    this.#nesting.deeper(() => {
      for (const child of value.children) {
        if (value.kind === KIND.object) {
          const field = named(expectation?.definition?.fields ?? [], child.name);
          if (field !== undefined) this.#expect(child.value, field);
        } else if (value.kind === KIND.list && expectation?.type.elem !== undefined) {
          const { elem: type } = expectation.type;
          knowledge.expectations.set(child.value, {
            type,
            hasDefault: false,
            definition: expectation.definition,
          });
        }
        this.#value(child.value);
      }
    });
    checkValue(knowledge, value, expectation);
  }

  #variable(value: Value, operation: Operation): void {
    const definition = operation.variableDefinitions.find(({ variable }) => variable === value.raw);
    this.#knowledge.spend(operation.variableDefinitions.length);
    if (definition === undefined) this.#knowledge.variables.delete(value);
    else {
      this.#knowledge.variables.set(value, definition);
      this.#knowledge.used.add(definition);
    }
  }
}
