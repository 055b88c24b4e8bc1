/**
 * The syntax tree of a module.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference#grammar, and the JSON that `opa parse` prints
 */
export interface Module {
  readonly package: readonly Term[];
  readonly imports: readonly Import[];
  readonly rules: readonly Rule[];
  readonly comments: readonly Comment[];
}

/** An offset and the text after the `#`. */
export interface Comment {
  readonly start: number;
  readonly text: string;
}

export interface Import {
  readonly path: RefTerm;
  readonly alias: string | undefined;
}

export interface Rule {
  readonly start: number;
  readonly head: Head;
  readonly body: Body;
  readonly isDefault: boolean;
  readonly otherwise: Rule | undefined;
  /** Whether the body was not written. */
  readonly generatedBody: boolean;
}

export interface Head {
  /** The rule's name where it is nothing but a name, else ''. */
  readonly name: string;
  readonly ref: readonly Term[];
  readonly args: readonly Term[];
  readonly key: Term | undefined;
  readonly value: Term | undefined;
  readonly assign: boolean;
  /** Whether the value was not written. */
  readonly generatedValue: boolean;
  /** Which of `if` and `contains` the rule was written with. */
  readonly keywords: readonly string[];
}

export type Body = readonly Expr[];

export interface Expr {
  readonly terms: Terms;
  readonly with: readonly With[];
  readonly negated: boolean;
  readonly generated: boolean;
  /** The kind of the token that it begins with, and where. */
  readonly first: string;
  readonly start: number;
}

export interface With {
  readonly target: Term;
  readonly value: Term;
}

/** What an expression is. */
export type Terms =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'call'; readonly terms: readonly Term[] }
  | { readonly kind: 'some'; readonly symbols: readonly Term[] }
  | Every
  | { readonly kind: 'not'; readonly body: Body; readonly explicit: boolean }
  | Logical;

export interface Every {
  readonly kind: 'every';
  readonly key: Term | undefined;
  readonly value: Term;
  readonly domain: Term;
  readonly body: Body;
}

/** `lhs and rhs`, `lhs or rhs`; explicit operands are those in braces. */
export interface Logical {
  readonly kind: 'and' | 'or';
  readonly lhs: Operand;
  readonly rhs: Operand;
}

export interface Operand {
  readonly body: Body;
  readonly explicit: boolean;
  readonly start: number;
}

export interface RefTerm {
  readonly type: 'ref';
  readonly value: readonly Term[];
  /** Whether it is an operator between its operands. */
  readonly infix?: true;
}

export interface CallTerm {
  readonly type: 'call';
  readonly value: readonly Term[];
}

export interface Comprehension {
  readonly type: 'arraycomprehension' | 'setcomprehension';
  readonly term: Term;
  readonly body: Body;
}

export interface ObjectComprehension {
  readonly type: 'objectcomprehension';
  readonly key: Term;
  readonly value: Term;
  readonly body: Body;
}

export interface TemplateString {
  readonly type: 'templatestring';
  readonly parts: readonly (Term | Expr)[];
  readonly multiLine: boolean;
}

export type Term =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** As it was written. */
  | { readonly type: 'number'; readonly value: string }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'var'; readonly value: string }
  | RefTerm
  | CallTerm
  | { readonly type: 'array'; readonly value: readonly Term[] }
  /** In order, equal ones once. */
  | { readonly type: 'set'; readonly value: readonly Term[] }
  /** In the order of its keys. */
  | { readonly type: 'object'; readonly value: readonly (readonly [Term, Term])[] }
  | Comprehension
  | ObjectComprehension
  | TemplateString;

export const TRUE: Term = { type: 'boolean', value: true };

export function variable(name: string): Term {
  return { type: 'var', value: name };
}

export function text(value: string): Term {
  return { type: 'string', value };
}

export function ref(...value: readonly Term[]): RefTerm {
  return { type: 'ref', value };
}

export function isRootDocument(term: Term | undefined): boolean {
  return term?.type === 'var' && (term.value === 'data' || term.value === 'input');
}

export function isWildcard(term: Term): boolean {
  return term.type === 'var' && term.value.startsWith('$');
}

/** The name of what is called: its parts with dots between them; undefined where a part is not a name. */
export function operatorName(operator: Term | undefined): string | undefined {
  if (operator?.type === 'var') return operator.value;
  if (operator?.type !== 'ref') return undefined;
  const names = operator.value.map((part) =>
    part.type === 'var' || part.type === 'string' ? part.value : undefined,
  );
  return names.includes(undefined) ? undefined : names.join('.');
}

export function expression(terms: Terms, { first, start }: Pick<Expr, 'first' | 'start'>): Expr {
  return { terms, with: [], negated: false, generated: false, first, start };
}

/** The body of a rule that has none. */
export function trueBody(start: number): Body {
  return [{ ...expression({ kind: 'term', term: TRUE }, { first: '', start }), generated: true }];
}

/** Whether a term has no variables; the first part of a reference does not count. */
export function isGround(term: Term): boolean {
  switch (term.type) {
    case 'var':
    case 'templatestring':
      return false;
    case 'ref':
      return term.value.slice(1).every(isGround);
    case 'array':
    case 'set':
    case 'call':
      return term.value.every(isGround);
    case 'object':
      return term.value.every(([key, value]) => isGround(key) && isGround(value));
    case 'arraycomprehension':
    case 'setcomprehension':
      return isGround(term.term) && term.body.every(isGroundExpression);
    case 'objectcomprehension':
      return isGround(term.key) && isGround(term.value) && term.body.every(isGroundExpression);
    default:
      return true;
  }
}

function isGroundExpression({ terms }: Expr): boolean {
  if (terms.kind === 'term') return isGround(terms.term);
  return terms.kind === 'call' && terms.terms.every(isGround);
}
