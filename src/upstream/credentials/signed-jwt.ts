import { createHash, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { PermittedBy } from '../../domain/index.js';
import { bearer, type Credential, type Outgoing } from './credential.js';
import type { SignedJwtOptions } from './options.js';
import type { Signer } from './signer.js';

const NOTHING = Buffer.alloc(0);

/**
 * A token for each request that names the caller, the decision that let the request pass, and the digest of its body:
 * with it an upstream can refuse whatever did not come through the gateway, or came through it as another message.
 */
export function signedJwt(options: SignedJwtOptions, signer: Signer): Credential {
  return {
    headersFor: async (outgoing) => bearer(await signer.sign(claimsOf(outgoing, options, signer.issuer))),
    refused: () => false, // another token would say the same
    close: () => undefined,
  };
}

function claimsOf(outgoing: Outgoing, options: SignedJwtOptions, issuer: string): JWTPayload {
  const { permit, method, body = NOTHING } = outgoing;
  const { arrival, principal } = permit.identified;
  const now = Math.floor(Date.now() / 1000);
  return {
    ...options.claims,
    iss: issuer,
    aud: options.audience,
    sub: principal.id,
    client_id: principal.client_id,
    act: { sub: issuer }, // RFC 8693, section 4.1: the gateway acts for the caller
    iat: now,
    exp: now + options.lifetimeSeconds,
    jti: randomUUID(),
    htm: method, // RFC 9449, section 4.2
    body_sha256: createHash('sha256').update(body).digest('hex'),
    regate: {
      exchange_id: arrival.exchangeId,
      principal: principal.id,
      ...(permit.session.id !== undefined && { session_id: permit.session.id }),
      ...decisionClaims(decisionsOn(outgoing)),
    },
  };
}

/** The decisions on what the body holds. */
function decisionsOn({ permit: { decisions, members }, body }: Outgoing): readonly PermittedBy[] {
  const member = body === undefined ? -1 : (members?.indexOf(body) ?? -1);
  return member === -1 ? decisions : decisions.slice(member, member + 1);
}

/** All decisions of one request are of one revision. */
function decisionClaims(decisions: readonly PermittedBy[]): object {
  const [first] = decisions;
  if (first === undefined) return {};
  const { bundle, revision } = first.revision;
  const ids = decisions.map(({ decisionId }) => decisionId);
  return { ...(ids.length === 1 ? { decision_id: ids[0] } : { decision_ids: ids }), bundle, revision };
}
