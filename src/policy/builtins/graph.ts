import { isArray, isNumber, RegoObject, RegoSet, type RegoValue } from '../rego/value.js';
import { BuiltinError, type BuiltinTable, type Evaluation, objectOperand, typeName } from './builtin.js';

/** Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/graph */
export const GRAPH = {
  'graph.reachable_paths': (evaluation, graph, roots) =>
    reachablePaths(evaluation, objectOperand(graph, 1), rootsOf(roots)),
} satisfies BuiltinTable;

/** A node on the way that is being walked, and how many of its edges were taken. */
interface Step {
  readonly place: number;
  readonly edges: readonly RegoValue[];
  taken: number;
}

/** There may be exponentially many paths, so each is paid for by its length. */
function reachablePaths(evaluation: Evaluation, graph: RegoObject, roots: readonly RegoValue[]): RegoSet {
  const places = RegoObject.of(graph.entries.map(([node], index) => [node, index]));
  const paths: RegoValue[] = [];
  const commit = (path: readonly RegoValue[]): void => {
    evaluation.spend(path.length);
    paths.push([...path]);
  };
  for (const root of roots) walk(root);
  return RegoSet.of(paths);

  function stepTo(node: RegoValue): Step | undefined {
    const place = places.get(node);
    if (typeof place !== 'number') return undefined;
    return { place, edges: itemsOf(graph.entries[place]?.[1]) ?? [], taken: 0 };
  }

  function walk(root: RegoValue): void {
    const first = stepTo(root);
    if (first === undefined) return;
    if (first.edges.length === 0) {
      commit([root]);
      return;
    }
    const path = [root];
    const steps = [first];
    const visited = new Set([first.place]);
    for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
      const node = step.edges[step.taken];
      if (node === undefined) {
        steps.pop();
        path.pop();
        if (step.place !== first.place) visited.delete(step.place);
        continue;
      }
      step.taken += 1;
      evaluation.spend(1);
      const next = stepTo(node);
      // An edge from the root to itself is walked once, as in OPA.
      if (next === undefined || (visited.has(next.place) && steps.length > 1)) commit(path);
      else if (next.edges.length === 0) commit([...path, node]);
      else {
        path.push(node);
        steps.push(next);
        visited.add(next.place);
      }
    }
  }
}

function rootsOf(value: RegoValue | undefined): readonly RegoValue[] {
  const roots = itemsOf(value);
  if (roots !== undefined) return roots;
  throw new BuiltinError(`operand 2 must be one of {array, set} but got ${typeName(value)}`);
}

function itemsOf(value: RegoValue | undefined): readonly RegoValue[] | undefined {
  if (value instanceof RegoSet) return value.elements;
  return value !== undefined && value !== null && !isNumber(value) && isArray(value) ? value : undefined;
}
