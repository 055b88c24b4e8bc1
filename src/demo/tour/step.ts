import type { Visit } from './visit.js';

/** What a step saw: shown to the person who follows the tour, and asserted by the end-to-end test. */
export interface Sight {
  /** What was asked of the product. */
  readonly asked: string;
  /** What it answered, and why. */
  readonly answered: string;
}

/** One step of the tour. */
export interface Step {
  readonly title: string;
  /** Does it and looks; throws a TourError where the product did anything else than it should. */
  readonly walk: (visit: Visit) => Promise<readonly Sight[]>;
}
