import type { Pseudorandom } from './pseudorandom.js';
import { letter, sameShape } from './shape.js';

/** Top-level domains that are nobody's (RFC 2606, section 2), the longer first. */
const RESERVED = ['.example', '.test'] as const;
const LONGEST = 320;

/** Whether a text is an e-mail address by its form. */
export function isEmailShaped(text: string): boolean {
  const at = text.indexOf('@');
  const domain = text.slice(at + 1);
  return (
    text.length <= LONGEST &&
    at > 0 &&
    !domain.includes('@') &&
    domain.includes('.', 1) &&
    !domain.endsWith('.') &&
    !/\s/.test(text)
  );
}

/** An address that no mail reaches, as long as the other where its domain has six characters at least. */
export function fakeEmail(text: string, random: Pseudorandom): string {
  const at = text.lastIndexOf('@');
  const domain = [...text.slice(at + 1)];
  const ending = RESERVED.find(({ length }) => domain.length > length + 1) ?? RESERVED[1];
  const rest = sameShape(domain.slice(0, Math.max(0, domain.length - ending.length)).join(''), random);
  const label = /[a-z0-9]$/i.test(rest) ? rest : rest.slice(0, -1) + letter(random);
  return `${sameShape(text.slice(0, at), random)}@${label}${ending}`;
}
