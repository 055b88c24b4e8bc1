import type { Value } from './values.js';

/** What a template consists of, in order. */
export type Body = readonly Statement[];

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | Branch
  | Range
  | Invocation
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' };

export interface Branch {
  readonly kind: 'if' | 'with';
  readonly pipeline: Pipeline;
  readonly body: Body;
  readonly otherwise: Body;
}

export interface Range {
  readonly kind: 'range';
  readonly pipeline: Pipeline;
  readonly body: Body;
  readonly otherwise: Body;
}

/** `{{template "name" pipeline}}` */
export interface Invocation {
  readonly kind: 'template';
  readonly name: string;
  readonly pipeline: Pipeline | undefined;
}

/** `$a, $b := command | command` */
export interface Pipeline {
  readonly kind: 'pipeline';
  /** With their `$`. */
  readonly variables: readonly string[];
  /** Whether they get new values, `=`, or are declared, `:=`. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** Operands between spaces: a function and its arguments, or one value. */
export interface Command {
  readonly first: Operand;
  readonly rest: readonly Operand[];
}

export type Operand =
  | Pipeline
  /** Undefined where the number has no type in Go, which is an error once it is used. */
  | { readonly kind: 'constant'; readonly value: Value | undefined }
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'chain'; readonly operand: Operand; readonly names: readonly string[] };

/** Whether a template has nothing but white space: another of the same name may then take its place. */
export function isBlank(body: Body): boolean {
  return body.every((statement) => statement.kind === 'text' && /^[\p{White_Space}]*$/u.test(statement.text));
}
