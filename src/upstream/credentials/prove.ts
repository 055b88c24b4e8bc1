import { credentialRefused } from '../errors.js';
import type { Credential, CredentialHeaders, Outgoing } from './credential.js';

const UNAUTHORIZED = 401;

/** How a road sends a request and lets go of an answer. */
export interface Sending<Answered> {
  readonly send: (headers: CredentialHeaders) => Promise<Answered>;
  readonly statusOf: (answer: Answered) => number | undefined;
  readonly discard: (answer: Answered) => void;
}

/**
 * Sends a request with the gateway's credential. Where the upstream answers 401 it has refused before it acted, so the
 * same bytes are sent a second time, and no third, if there is another credential to send them with.
 *
 * @throws UpstreamError `upstream_credential` where there is no credential, and nothing was sent, or it is refused
 */
export async function prove<Answered>(
  name: string,
  credential: Credential,
  outgoing: Outgoing,
  signal: AbortSignal,
  { send, statusOf, discard }: Sending<Answered>,
): Promise<Answered> {
  const headers = await credential.headersFor(outgoing, signal);
  const answer = await send(headers);
  if (statusOf(answer) !== UNAUTHORIZED) return answer;
  discard(answer);
  if (!credential.refused(headers, outgoing)) throw credentialRefused(name);
  const others = await credential.headersFor(outgoing, signal);
  if (isSame(headers, others)) throw credentialRefused(name);
  const second = await send(others);
  if (statusOf(second) !== UNAUTHORIZED) return second;
  discard(second);
  credential.refused(others, outgoing);
  throw credentialRefused(name);
}

function isSame(one: CredentialHeaders, other: CredentialHeaders): boolean {
  return Object.entries(one).every(([name, value]) => other[name] === value);
}
