/** The product did not do what the tour promises. */
export class TourError extends Error {}

/** @throws TourError unless the condition holds */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new TourError(otherwise);
}
