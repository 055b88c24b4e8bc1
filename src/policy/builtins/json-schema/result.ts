import { RegoObject } from '../../rego/value.js';
import type { Evaluation } from '../builtin.js';

/** Where in the document something stands. */
export interface Place {
  readonly name: string;
  readonly parent: Place | undefined;
}

export const ROOT: Place = { name: '(Root)', parent: undefined };

/** What was found wrong, and how much was right: of several schemas that a value fails, the closest one explains why. */
export class Result {
  readonly problems: RegoObject[] = [];
  readonly #evaluation: Evaluation;
  #score = 0;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  get isValid(): boolean {
    return this.problems.length === 0;
  }

  get score(): number {
    return this.#score;
  }

  /** @param description of what is wrong, or what follows on the field's name in it */
  add(type: string, place: Place, description: string | { readonly ofField: string }): void {
    const field = fieldOf(place);
    const desc = typeof description === 'string' ? description : `${field} ${description.ofField}`;
    this.#evaluation.spend(field.length + desc.length);
    this.problems.push(RegoObject.of(Object.entries({ desc, error: `${field}: ${desc}`, field, type })));
    this.#score -= 2;
  }

  merge(other: Result): void {
    for (const problem of other.problems) this.problems.push(problem);
    this.#evaluation.spend(other.problems.length);
    this.#score += other.score;
  }

  credit(): void {
    this.#score += 1;
  }
}

function fieldOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) names.push(at.name);
  return (names.length > 1 ? names.slice(0, -1).reverse() : names).join('.');
}
