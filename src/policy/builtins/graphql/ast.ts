/**
 * The GraphQL syntax tree that OPA hands to policies. Its members are those of gqlparser's tree, whose names begin with
 * a capital there; a member that is undefined, and an empty list, are left out of what policies see.
 *
 * Source: https://pkg.go.dev/github.com/vektah/gqlparser/v2/ast
 */
export interface QueryDocument {
  readonly operations: readonly Operation[];
  readonly fragments: readonly Fragment[];
}

export interface SchemaDocument {
  readonly schema: readonly SchemaDefinition[];
  readonly schemaExtension: readonly SchemaDefinition[];
  readonly directives: readonly DirectiveDefinition[];
  readonly definitions: readonly Definition[];
  readonly extensions: readonly Definition[];
  readonly comment: CommentGroup | undefined;
}

/** Where a node begins in its text: an offset, never shown to policies; undefined in trees that policies hand in. */
export interface Placed {
  readonly position: number | undefined;
}

export interface CommentGroup {
  readonly list: readonly { readonly value: string }[];
}

export interface Operation extends Placed {
  readonly operation: string;
  readonly name: string;
  readonly variableDefinitions: readonly VariableDefinition[];
  readonly directives: readonly Directive[];
  readonly selectionSet: SelectionSet;
  readonly comment: CommentGroup | undefined;
}

export interface VariableDefinition extends Placed {
  readonly variable: string;
  readonly type: TypeReference;
  readonly defaultValue: Value | undefined;
  readonly directives: readonly Directive[];
  readonly used: boolean;
  readonly comment: CommentGroup | undefined;
}

export interface Fragment extends Placed {
  readonly name: string;
  readonly variableDefinition: readonly VariableDefinition[];
  readonly typeCondition: string;
  readonly directives: readonly Directive[];
  readonly selectionSet: SelectionSet;
  readonly comment: CommentGroup | undefined;
}

export type SelectionSet = readonly Selection[];

export type Selection = Field | FragmentSpread | InlineFragment;

export interface Field extends Placed {
  readonly alias: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly directives: readonly Directive[];
  readonly selectionSet: SelectionSet;
  readonly comment: CommentGroup | undefined;
}

export interface FragmentSpread extends Placed {
  readonly name: string;
  readonly directives: readonly Directive[];
  readonly comment: CommentGroup | undefined;
}

export interface InlineFragment extends Placed {
  readonly typeCondition: string;
  readonly directives: readonly Directive[];
  readonly selectionSet: SelectionSet;
  readonly comment: CommentGroup | undefined;
}

export interface Argument extends Placed {
  readonly name: string;
  readonly value: Value;
  readonly comment: CommentGroup | undefined;
}

export interface Directive extends Placed {
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly location: string;
}

/** The numbers by which policies see a value's kind. */
export const KIND = {
  variable: 0,
  int: 1,
  float: 2,
  string: 3,
  block: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  object: 9,
} as const;

export interface Value extends Placed {
  readonly raw: string;
  readonly children: readonly ChildValue[];
  readonly kind: number;
  readonly comment: CommentGroup | undefined;
  readonly expectedTypeHasDefault: boolean;
}

export interface ChildValue extends Placed {
  readonly name: string;
  readonly value: Value;
  readonly comment: CommentGroup | undefined;
}

/** Either a named type or a list of `elem`. */
export interface TypeReference extends Placed {
  readonly namedType: string;
  readonly elem: TypeReference | undefined;
  readonly nonNull: boolean;
}

export interface Described {
  readonly description: string;
  readonly beforeDescriptionComment: CommentGroup | undefined;
  readonly afterDescriptionComment: CommentGroup | undefined;
}

export interface SchemaDefinition extends Placed, Described {
  readonly directives: readonly Directive[];
  readonly operationTypes: readonly OperationType[];
  readonly endOfDefinitionComment: CommentGroup | undefined;
}

export interface OperationType extends Placed {
  readonly operation: string;
  readonly type: string;
  readonly comment: CommentGroup | undefined;
}

/** A type, or what an extension adds to one. */
export interface Definition extends Placed, Described {
  readonly kind: string;
  readonly name: string;
  readonly directives: readonly Directive[];
  readonly interfaces: readonly string[];
  readonly fields: readonly FieldDefinition[];
  readonly types: readonly string[];
  readonly enumValues: readonly EnumValue[];
  readonly builtIn: boolean;
  readonly endOfDefinitionComment: CommentGroup | undefined;
}

export interface FieldDefinition extends Placed, Described {
  readonly name: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly defaultValue: Value | undefined;
  readonly type: TypeReference;
  readonly directives: readonly Directive[];
}

export interface ArgumentDefinition extends Placed, Described {
  readonly name: string;
  readonly defaultValue: Value | undefined;
  readonly type: TypeReference;
  readonly directives: readonly Directive[];
}

export interface EnumValue extends Placed, Described {
  readonly name: string;
  readonly directives: readonly Directive[];
}

export interface DirectiveDefinition extends Placed, Described {
  readonly name: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly locations: readonly string[];
  readonly isRepeatable: boolean;
}

export function isField(selection: Selection): selection is Field {
  return 'alias' in selection;
}

export function isInlineFragment(selection: Selection): selection is InlineFragment {
  return 'typeCondition' in selection;
}

/** The name of a type without its lists; '' where a tree from a policy has none. */
export function typeName(type: TypeReference): string {
  let innermost = type;
  while (innermost.namedType === '' && innermost.elem !== undefined) innermost = innermost.elem;
  return innermost.namedType;
}

/** A type as it is written. */
export function typeText(type: TypeReference): string {
  const name = type.elem === undefined || type.namedType !== '' ? type.namedType : `[${typeText(type.elem)}]`;
  return type.nonNull ? `${name}!` : name;
}

/** A value as it is written, without spaces. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case KIND.variable:
      return `$${value.raw}`;
    case KIND.string:
    case KIND.block:
      return JSON.stringify(value.raw);
    case KIND.list:
      return `[${value.children.map((child) => valueText(child.value)).join(',')}]`;
    case KIND.object:
      return `{${value.children.map((child) => `${child.name}:${valueText(child.value)}`).join(',')}}`;
    default:
      return value.raw;
  }
}
