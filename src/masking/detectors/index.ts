import { apiKey } from './api-key.js';
import { credential } from './credential.js';
import type { Detector } from './detector.js';
import { email } from './email.js';
import { highEntropy } from './high-entropy.js';
import { jwt } from './jwt.js';
import { paymentCard } from './payment-card.js';
import { privateKey } from './private-key.js';
import { urlPassword } from './url-password.js';

/** Every detector by its name. */
export const detectors = {
  payment_card: paymentCard,
  email,
  jwt,
  private_key: privateKey,
  api_key: apiKey,
  url_password: urlPassword,
  credential,
  high_entropy: highEntropy,
} as const satisfies Record<string, Detector>;

/** The detector of that name, or undefined. */
export function detectorNamed(name: string): Detector | undefined {
  return Object.values<Detector>(detectors).find((detector) => detector.name === name);
}
