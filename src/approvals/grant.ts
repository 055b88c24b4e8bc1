import { createPublicKey, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, errors } from 'jose';
import type { Approval } from './approval.js';
import { sha256 } from './call.js';
import { refuse } from './errors.js';

/** Tells a grant from a question, and both from everything else that a key may sign (RFC 7515, section 4.1.9). */
const TYPE = { approved: 'regate-grant', pending: 'regate-question' } as const;

/** How often an approval may be used once it is approved. */
export function usesOf({ requirement }: Pick<Approval, 'requirement'>): number {
  return requirement.grant?.uses ?? 1;
}

/** Signs what an approval is at this moment: as its grant once it is approved, as its seal while it is pending. */
export async function signed(key: KeyObject, approval: Approval): Promise<Approval> {
  const { grant: _, seal: __, ...unsigned } = approval;
  const isApproved = approval.state === 'approved';
  const signature = await new CompactSign(Buffer.from(textOf(approval)))
    .setProtectedHeader({ alg: 'EdDSA', typ: isApproved ? TYPE.approved : TYPE.pending })
    .sign(key);
  return { ...unsigned, ...(isApproved ? { grant: signature } : { seal: signature }) };
}

/**
 * Holds an approval against its grant or its seal: whoever can write to the store, but has no key, can neither make a yes
 * nor change what one is for.
 *
 * @throws {ApprovalsError} `grant_invalid`
 */
export async function mustBeSigned(key: KeyObject, approval: Approval): Promise<void> {
  const { id, state, grant, seal } = approval;
  const isApproved = state === 'approved';
  const signature = isApproved ? grant : seal;
  if (signature === undefined) throw refuse('grant_invalid', `${id} says ${state}, which nobody signed`);
  const text = await verified(key, signature, isApproved ? TYPE.approved : TYPE.pending, id);
  if (text !== textOf(approval)) throw refuse('grant_invalid', `${id} is no longer what this gateway signed`);
}

async function verified(key: KeyObject, signature: string, type: string, id: string): Promise<string> {
  try {
    const { payload, protectedHeader } = await compactVerify(signature, createPublicKey(key), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ === type) return Buffer.from(payload).toString('utf8');
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    throw refuse('grant_invalid', `${id} was not signed by this gateway's key`, cause);
  }
  throw refuse('grant_invalid', `${id} was signed as something else`);
}

/**
 * What is signed: JSON. It can be made again from the approval at any time, and is then the same, byte for byte. What a
 * reader of the grant has no use for is in it as a digest.
 */
function textOf(approval: Approval): string {
  const { id, call, revision, requirement, requester, shown, requestedAt, expiresAt, votes, narrowed } =
    approval;
  const { class: className } = requirement.grant ?? {};
  return JSON.stringify({
    approval: id,
    principal: call.principalId,
    upstream: call.upstream,
    method: call.method,
    ...(call.tool !== undefined && { tool: call.tool }),
    ...(className === undefined ? { arguments: call.argumentsDigest } : { class: className }),
    ...(narrowed !== undefined && { narrowed: sha256(narrowed) }),
    revision,
    uses: usesOf(approval),
    expires_at: expiresAt,
    votes: sha256(JSON.stringify(votes)),
    question: sha256(JSON.stringify([call, requester, requirement, shown, requestedAt])),
  });
}
