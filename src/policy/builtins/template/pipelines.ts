import { BuiltinError } from '../builtin.js';
import { FUNCTIONS, type Parameter } from './functions.js';
import type { Command, Operand, Pipeline } from './nodes.js';
import { isTrue, NIL, NONE, type Value } from './values.js';
import type { Variables } from './variables.js';

/** What pipelines of one template are evaluated with. */
export interface Scope {
  readonly variables: Variables;
  readonly spend: (units: number) => void;
}

/**
 * Evaluates a pipeline and gives its variables their value. What is null is then no value at all.
 *
 * @throws BuiltinError where Go's execution fails
 * Source: https://pkg.go.dev/text/template#hdr-Pipelines
 */
export function evaluatePipeline(scope: Scope, dot: Value, pipeline: Pipeline): Value {
  let value: Value | undefined;
  for (const command of pipeline.commands) {
    const result = evaluateCommand(scope, dot, command, value);
    value = result.type === 'nil' ? NONE : result;
  }
  for (const name of pipeline.variables) {
    if (pipeline.isAssignment) scope.variables.assign(name, value ?? NONE);
    else scope.variables.declare(name, value ?? NONE);
  }
  return value ?? NONE;
}

/** @param final what the command before it in the pipeline results in: its last argument */
function evaluateCommand(
  scope: Scope,
  dot: Value,
  { first, rest }: Command,
  final: Value | undefined,
): Value {
  scope.spend(1);
  if (first.kind === 'function') return callFunction(scope, dot, first.name, rest, final);
  const hasArguments = rest.length > 0 || final !== undefined;
  const value = evaluateOperand(scope, dot, first, hasArguments);
  const takesNone = first.kind !== 'field' && first.kind !== 'chain' && namesOf(first).length === 0;
  if (takesNone && hasArguments) throw new BuiltinError("can't give an argument to what is no function");
  return value;
}

function namesOf(operand: Operand): readonly string[] {
  return operand.kind === 'variable' ? operand.names : [];
}

/** @param hasArguments which a key of a map must not have */
function evaluateOperand(scope: Scope, dot: Value, operand: Operand, hasArguments: boolean): Value {
  scope.spend(1);
  switch (operand.kind) {
    case 'constant':
      if (operand.value === undefined) throw new BuiltinError('a number overflows int');
      return operand.value;
    case 'dot':
      return dot;
    case 'nil':
      throw new BuiltinError('nil is not a command');
    case 'field':
      return fieldOf(scope, dot, operand.names, hasArguments);
    case 'variable':
      return fieldOf(scope, scope.variables.get(operand.name), operand.names, hasArguments);
    case 'chain':
      return fieldOf(scope, evaluateOperand(scope, dot, operand.operand, false), operand.names, hasArguments);
    case 'function':
      return callFunction(scope, dot, operand.name, [], undefined);
    case 'pipeline':
      return evaluatePipeline(scope, dot, operand);
  }
}

/** What isn't there has fields that aren't there either; what is null has none. */
function fieldOf(scope: Scope, value: Value, names: readonly string[], hasArguments: boolean): Value {
  let receiver = value;
  for (const [index, name] of names.entries()) {
    scope.spend(1);
    if (receiver.type === 'none') return NONE;
    if (receiver.type !== 'map[string]interface {}') {
      throw new BuiltinError(`can't evaluate field ${name} in type ${receiver.type}`);
    }
    if (hasArguments && index === names.length - 1)
      throw new BuiltinError(`${name} is not a method but has arguments`);
    receiver = receiver.entries.get(name) ?? NONE;
  }
  return receiver;
}

function callFunction(
  scope: Scope,
  dot: Value,
  name: string,
  operands: readonly Operand[],
  final: Value | undefined,
): Value {
  if (name === 'and' || name === 'or') return firstThatIs(name === 'or', scope, dot, operands, final);
  const known = FUNCTIONS.get(name);
  if (known === undefined) throw new BuiltinError(`${JSON.stringify(name)} is not a defined function`);
  const { parameters, rest } = known;
  const count = operands.length + (final === undefined ? 0 : 1);
  if (count < parameters.length || (rest === undefined && count > parameters.length)) {
    throw new BuiltinError(`wrong number of args for ${name}`);
  }
  const parameterAt = (index: number) => parameters[index] ?? rest ?? 'value';
  const args = operands.map((operand, index) => argumentOf(scope, dot, operand, parameterAt(index)));
  if (final !== undefined) args.push(asParameter(final, parameterAt(args.length)));
  // Texts are compared, searched and measured as bytes, which takes as long as they are.
  scope.spend(args.reduce((sum, argument) => sum + lengthOfText(argument), 0));
  return known.call(args, scope.spend);
}

/** `and`, `or`: the first argument whose truth is this one, or the last one. */
function firstThatIs(
  truth: boolean,
  scope: Scope,
  dot: Value,
  operands: readonly Operand[],
  final: Value | undefined,
): Value {
  let value: Value | undefined;
  for (const operand of operands) {
    value = argumentOf(scope, dot, operand, 'value');
    if (isTrue(value) === truth) return value;
  }
  const last = final ?? value;
  if (last === undefined) throw new BuiltinError(`wrong number of args for ${truth ? 'or' : 'and'}`);
  return last;
}

function lengthOfText(value: Value): number {
  return value.type === 'string' || value.type === 'json.Number' ? value.value.length : 0;
}

function argumentOf(scope: Scope, dot: Value, operand: Operand, parameter: Parameter): Value {
  const value = operand.kind === 'nil' ? NONE : evaluateOperand(scope, dot, operand, false);
  return asParameter(value, parameter);
}

function asParameter(value: Value, parameter: Parameter): Value {
  if (parameter === 'string' && value.type !== 'string') {
    throw new BuiltinError(`wrong type for value; expected string; got ${value.type}`);
  }
  return parameter === 'any' && value.type === 'none' ? NIL : value;
}
