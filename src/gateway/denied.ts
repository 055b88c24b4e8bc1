import type { Judged } from '../domain/index.js';
import { GatewayError, InsufficientScope, reasonsData } from './refusal.js';

/**
 * What the caller is told when policy says no. Of an answer it is never told to come again with other scopes: what it
 * answers was done, and would be done twice.
 */
export function deniedByPolicy({ decision: { reasons, scopes }, received }: Judged): GatewayError {
  const why = reasons.map(({ message }) => message).join('; ');
  if (scopes !== undefined && received.direction === 'to_server')
    return new InsufficientScope(why, reasons, scopes);
  return new GatewayError(
    'policy_denied',
    why === '' ? 'policy denied this' : `policy denied this: ${why}`,
    'Ask whoever keeps the policy.',
    reasonsData(reasons),
  );
}
