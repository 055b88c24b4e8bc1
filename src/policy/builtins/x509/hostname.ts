import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { sameAddress } from './address.js';
import type { AlternativeNames } from './extensions.js';

/**
 * Whether a certificate with these names is for a host; common names don't count.
 *
 * Source: RFC 6125, section 6.4; https://pkg.go.dev/crypto/x509#Certificate.VerifyHostname
 */
export function isForHost(names: AlternativeNames | undefined, host: string): boolean {
  const bare = /^\[.+\]$/s.test(host) ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0 && !bare.includes('%')) {
    const address = Buffer.from(ipaddr.parse(bare).toByteArray());
    return (names?.addresses ?? []).some((candidate) => sameAddress(candidate, address));
  }
  const wanted = lowerCase(host);
  const isName = isHostname(wanted.replace(/\.$/, ''), 'name');
  return (names?.domains ?? []).some((domain) => {
    const pattern = lowerCase(domain);
    return isName && isHostname(pattern, 'pattern')
      ? matchesLabels(pattern, wanted.replace(/\.$/, ''))
      : pattern === wanted && wanted !== '' && wanted !== '.';
  });
}

function isHostname(text: string, use: 'name' | 'pattern'): boolean {
  if (text === '*') return false;
  return text
    .split('.')
    .every(
      (label, index) =>
        (use === 'pattern' && index === 0 && label === '*') || /^[a-z0-9_][a-z0-9_-]*$/.test(label),
    );
}

/** Only a whole first label may be a wildcard. */
function matchesLabels(pattern: string, host: string): boolean {
  const labels = pattern.split('.');
  const wanted = host.split('.');
  if (labels.length !== wanted.length) return false;
  return labels.every((label, index) => (index === 0 && label === '*') || label === wanted[index]);
}

/** Of ASCII letters alone. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
