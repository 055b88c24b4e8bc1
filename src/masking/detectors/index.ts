import { apiKey } from './api-key.js';
import { credential } from './credential.js';
import { dateOfBirth } from './date-of-birth.js';
import type { Detector } from './detector.js';
import { drivingLicence } from './driving-licence.js';
import { email } from './email.js';
import { highEntropy } from './high-entropy.js';
import { iban } from './iban.js';
import { ipAddress } from './ip-address.js';
import { jwt } from './jwt.js';
import { macAddress } from './mac-address.js';
import { nationalIds } from './national-ids/index.js';
import { passport } from './passport.js';
import { paymentCard } from './payment-card.js';
import { personName } from './person-name.js';
import { phone } from './phone.js';
import { postalAddress } from './postal-address.js';
import { privateKey } from './private-key.js';
import { urlPassword } from './url-password.js';

/** Every detector by its name. */
export const detectors = {
  payment_card: paymentCard,
  iban,
  ...nationalIds,
  passport,
  driving_licence: drivingLicence,
  person_name: personName,
  date_of_birth: dateOfBirth,
  postal_address: postalAddress,
  phone,
  ip_address: ipAddress,
  mac_address: macAddress,
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
