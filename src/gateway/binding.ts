import type { JsonObject, Principal } from '../domain/index.js';
import { IdentityError, provenBindings } from '../identity/index.js';
import type { GatewaySettings, KnownUpstream } from './parts.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** What callers of an upstream must prove beside having a token; `any` is one of the two. */
export type RequiredBinding = 'none' | 'any' | 'dpop' | 'mtls';

/** How callers can prove to have the key that their token is bound to. */
export interface PossessionSettings {
  /** Signature algorithms that DPoP proofs may use (RFC 9449). */
  readonly proofAlgorithms: readonly string[];
  /** Whether the gateway itself asks callers for certificates (RFC 8705). */
  readonly asksForCertificates: boolean;
  /** Who else may say which certificate a caller has. */
  readonly trustedProxies: TrustedProxies;
}

/** @throws IdentityError `binding_required` */
export function mustBeBound(principal: Principal, upstream: KnownUpstream | undefined): void {
  const required = upstream?.requireBinding ?? 'any';
  if (required === 'none') return;
  const proven = provenBindings(principal);
  if (required === 'any' ? proven.length > 0 : proven.includes(required)) return;
  const what = required === 'any' ? 'a binding' : `the binding ${required}`;
  throw new IdentityError(
    'binding_required',
    `the upstream requires ${what}; proven: ${proven.join(', ') || 'none'}`,
  );
}

/** DPoP's challenge (RFC 9449, section 7.1), to stand behind that of Bearer; none where no proofs are taken. */
export function proofChallenge(
  { possession: { proofAlgorithms } }: GatewaySettings,
  error: readonly string[],
): string[] {
  if (proofAlgorithms.length === 0) return [];
  return [`DPoP ${[...error, `algs="${proofAlgorithms.join(' ')}"`].join(', ')}`];
}

/** What an upstream's metadata says of proof of possession (RFC 9728, section 2). */
export function possessionMetadata(
  { possession }: GatewaySettings,
  { requireBinding }: KnownUpstream,
): JsonObject {
  const { proofAlgorithms, asksForCertificates, trustedProxies } = possession;
  return {
    ...(proofAlgorithms.length > 0 && { dpop_signing_alg_values_supported: proofAlgorithms }),
    dpop_bound_access_tokens_required: requireBinding === 'dpop',
    tls_client_certificate_bound_access_tokens: asksForCertificates || trustedProxies.some,
  };
}
