import type { Detector } from './detector.js';
import { email } from './email.js';
import { paymentCard } from './payment-card.js';

/** Every detector by its name. */
export const detectors = {
  payment_card: paymentCard,
  email,
} as const satisfies Record<string, Detector>;

/** The detector of that name, or undefined. */
export function detectorNamed(name: string): Detector | undefined {
  return Object.values<Detector>(detectors).find((detector) => detector.name === name);
}
