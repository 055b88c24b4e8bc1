import type { JsonValue, Principal } from '../domain/index.js';

/**
 * Whether two principals may be the same somebody: the same subject, one that acts for the other, two that the same one
 * acts for, or two that are seen through the same client.
 */
export function sharesIdentity(one: Principal, other: Principal): boolean {
  const others = identityChain(other);
  return [...identityChain(one)].some((id) => others.has(id));
}

/** Whether somebody, by their id, stands behind a principal. */
export function isBehind(principal: Principal, id: string): boolean {
  return identityChain(principal).has(id);
}

/**
 * All that stands behind a principal, as `issuer|subject`: itself, whoever acts for it (`act`, RFC 8693, section 4.1), and
 * its client, which could make any request in its name.
 */
function identityChain({ id, issuer, client_id, claims }: Principal): ReadonlySet<string> {
  const chain = new Set([id]);
  if (client_id !== '') chain.add(`${issuer}|${client_id}`);
  for (let actor = claims['act']; isObject(actor); actor = actor['act']) {
    const actorIssuer = typeof actor['iss'] === 'string' ? actor['iss'] : issuer;
    for (const name of [actor['sub'], actor['client_id']])
      if (typeof name === 'string') chain.add(`${actorIssuer}|${name}`);
  }
  return chain;
}

function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
