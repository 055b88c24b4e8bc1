import { readFileSync } from 'node:fs';
import { type BoundCall, bindCall } from '../../src/approvals/index.js';
import type { Principal } from '../../src/domain/index.js';
import { readJson } from '../../src/protocol/index.js';

export const CASES = new URL('../cases/approvals/', import.meta.url);

export function readCases<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(file, CASES), 'utf8')) as T[];
}

/** A principal whose id is its name. */
export function principal(name: string, groups: readonly string[] = []): Principal {
  return {
    id: name,
    issuer: 'https://issuer.test',
    subject: name,
    client_id: name,
    kind: 'oidc',
    groups,
    roles: [],
    scopes: [],
    claims: {},
    binding: 'none',
  };
}

/** A `tools/call` of the payments server with these params; undefined where it has none. */
export function callOf(params: string | undefined, by = 'agent', more: Partial<BoundCall> = {}): BoundCall {
  const document = readJson(Buffer.from(params === undefined ? '{}' : `{"params":${params}}`));
  return bindCall({
    principal: principal(by),
    upstream: 'payments',
    method: 'tools/call',
    tool: { name: 'refund', digest: 'sha256:1' },
    ...more,
    document,
    params: document.at('params'),
  });
}

/** Whose call {@link callOf} makes, unless it says otherwise. */
export const REQUESTER = principal('agent');

export const SHOWN = {
  tool: 'refund',
  arguments: '{"amount":500.00}',
  reasons: [{ policy: 'payments', code: 'over_limit', message: 'needs a human' }],
};
