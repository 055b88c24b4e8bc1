import type {
  Definition,
  Field,
  FieldDefinition,
  Fragment,
  Operation,
  QueryDocument,
  TypeReference,
  Value,
  VariableDefinition,
} from './ast.js';
import { named } from './named.js';
import type { Schema } from './schema.js';

/** What the schema says of a value in the place where it stands. */
export interface Expectation {
  readonly type: TypeReference;
  readonly hasDefault: boolean;
  readonly definition: Definition | undefined;
}

/** What the schema says of a field; each is undefined where the schema knows none. */
export interface FieldPlace {
  readonly definition: FieldDefinition | undefined;
  readonly parent: Definition | undefined;
}

/** What is found out about a query while it is walked through. */
export class Knowledge {
  readonly schema: Schema;
  readonly document: QueryDocument;
  /** Accounts for work. */
  readonly spend: (units: number) => void;
  readonly fields = new Map<Field, FieldPlace>();
  readonly expectations = new Map<Value, Expectation>();
  /** What a variable's use refers to, in the operation that was walked through last. */
  readonly variables = new Map<Value, VariableDefinition>();
  readonly used = new Set<VariableDefinition>();
  /** Undefined while it is fragments that are walked through. */
  operation: Operation | undefined;

  constructor(schema: Schema, document: QueryDocument, spend: (units: number) => void) {
    this.schema = schema;
    this.document = document;
    this.spend = spend;
  }

  type(name: string): Definition | undefined {
    return this.schema.types.get(name);
  }

  fragment(name: string): Fragment | undefined {
    return named(this.document.fragments, name);
  }
}
