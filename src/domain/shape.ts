import { Ajv, type ValidateFunction } from 'ajv';

/** Whether a value has a shape. */
export interface ShapeCheck<Shape> {
  (value: unknown): value is Shape;
  /**
   * What is wrong with the value that was checked last, in words for an error.
   *
   * @param name what the value is called there
   */
  problem(name: string): string;
}

let compiler: Ajv | undefined;

/**
 * A check of what comes from outside, by a JSON Schema without `$id`. All checks share one compiler, and a schema is
 * compiled when it is first needed: a command needs few of them, and compiling all takes longer than most commands do.
 */
export function shapeCheck<Shape>(schema: object): ShapeCheck<Shape> {
  let validate: ValidateFunction<Shape> | undefined;
  const isOfShape = (value: unknown): value is Shape => {
    compiler ??= new Ajv();
    validate ??= compiler.compile<Shape>(schema);
    return validate(value);
  };
  return Object.assign(isOfShape, {
    problem: (name: string) => compiler?.errorsText(validate?.errors, { dataVar: name }) ?? '',
  });
}
