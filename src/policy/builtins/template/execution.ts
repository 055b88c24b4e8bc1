import { BuiltinError } from '../builtin.js';
import { printed } from './functions.js';
import type { Body, Branch, Invocation, Range, Statement } from './nodes.js';
import { evaluatePipeline } from './pipelines.js';
import { isTrue, NONE, type Value } from './values.js';
import { Variables } from './variables.js';

/** What the templates that invoke each other have in common. */
interface Run {
  readonly templates: ReadonlyMap<string, Body>;
  readonly spend: (units: number) => void;
  readonly output: string[];
  depth: number;
}

/** Go allows for 100,000 templates within each other; here the bodies of other actions count too. */
const DEEPEST = 1_000;

/** What a statement tells the loop around it. */
type Signal = 'next' | 'break' | 'continue';

/**
 * Runs a template.
 *
 * @param main the name of the one to begin with
 * @param spend is told of each step and of how much is written
 * @returns what it writes, maybe with bytes that are no text
 * @throws BuiltinError where Go's execution fails, or nests too deeply
 */
export function execute(
  templates: ReadonlyMap<string, Body>,
  main: string,
  data: Value,
  spend: (units: number) => void,
): string {
  const run: Run = { templates, spend, output: [], depth: 0 };
  invoke(run, main, data);
  return run.output.join('');
}

function invoke(run: Run, name: string, dot: Value): void {
  const body = run.templates.get(name);
  if (body === undefined) throw new BuiltinError(`template ${JSON.stringify(name)} not defined`);
  new Execution(run, dot).body(dot, body);
}

/** Runs one template, which sees none of the variables of the one that invokes it. */
class Execution {
  readonly #run: Run;
  readonly #variables: Variables;
  readonly #scope: { variables: Variables; spend: (units: number) => void };

  constructor(run: Run, root: Value) {
    this.#run = run;
    this.#variables = new Variables(root);
    this.#scope = { variables: this.#variables, spend: run.spend };
  }

  body(dot: Value, body: Body): Signal {
    if (this.#run.depth === DEEPEST) throw new BuiltinError('exceeded maximum template depth');
    this.#run.depth += 1;
    let signal: Signal = 'next';
    for (const statement of body) {
      signal = this.#statement(dot, statement);
      if (signal !== 'next') break;
    }
    this.#run.depth -= 1;
    return signal;
  }

  #statement(dot: Value, statement: Statement): Signal {
    this.#run.spend(1);
    switch (statement.kind) {
      case 'text':
        this.#write(statement.text);
        return 'next';
      case 'action': {
        const value = evaluatePipeline(this.#scope, dot, statement.pipeline);
        if (statement.pipeline.variables.length === 0) this.#write(printed(value, this.#run.spend));
        return 'next';
      }
      case 'if':
      case 'with':
        return this.#branch(dot, statement);
      case 'range':
        this.#range(dot, statement);
        return 'next';
      case 'template':
        this.#invocation(dot, statement);
        return 'next';
      case 'break':
      case 'continue':
        return statement.kind;
    }
  }

  #branch(dot: Value, { kind, pipeline, body, otherwise }: Branch): Signal {
    const known = this.#variables.count;
    const value = evaluatePipeline(this.#scope, dot, pipeline);
    const signal = isTrue(value) ? this.body(kind === 'with' ? value : dot, body) : this.body(dot, otherwise);
    this.#variables.forget(known);
    return signal;
  }

  #range(dot: Value, range: Range): void {
    const known = this.#variables.count;
    const value = evaluatePipeline(this.#scope, dot, range.pipeline);
    const before = this.#variables.count;
    let isEmpty = true;
    for (const [index, element] of elementsOf(value, range.pipeline.variables.length)) {
      isEmpty = false;
      this.#run.spend(1);
      this.#setLoopVariables(range, index, element);
      const signal = this.body(element, range.body);
      this.#variables.forget(before);
      if (signal === 'break') break;
    }
    if (isEmpty) this.body(dot, range.otherwise);
    this.#variables.forget(known);
  }

  #setLoopVariables({ pipeline: { variables, isAssignment } }: Range, index: Value, element: Value): void {
    const [first, second] = variables;
    if (first === undefined) return;
    if (!isAssignment) {
      this.#variables.replaceLast(1, element);
      if (second !== undefined) this.#variables.replaceLast(2, index);
    } else if (second === undefined) {
      this.#variables.assign(first, element);
    } else {
      this.#variables.assign(first, index);
      this.#variables.assign(second, element);
    }
  }

  #invocation(dot: Value, { name, pipeline }: Invocation): void {
    const value = pipeline === undefined ? NONE : evaluatePipeline(this.#scope, dot, pipeline);
    invoke(this.#run, name, value);
  }

  #write(text: string): void {
    this.#run.spend(text.length);
    this.#run.output.push(text);
  }
}

/** What a range goes over: elements by index, values by key, or integers, which have no index. */
function* elementsOf(value: Value, variables: number): Generator<readonly [index: Value, element: Value]> {
  switch (value.type) {
    case '[]interface {}':
      for (const [index, element] of value.elements.entries())
        yield [{ type: 'int', value: BigInt(index) }, element];
      break;
    case 'map[string]interface {}':
      for (const [key, element] of value.entries) yield [{ type: 'string', value: key }, element];
      break;
    case 'int':
    case 'uint8':
      if (variables > 1) throw new BuiltinError("can't iterate over an integer with more than one variable");
      for (let number = 0n; number < value.value; number += 1n)
        yield [NONE, { type: value.type, value: number }];
      break;
    case 'none':
      break;
    default:
      throw new BuiltinError(`range can't iterate over ${value.type}`);
  }
}
