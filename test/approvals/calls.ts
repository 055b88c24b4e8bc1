import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type Approvals,
  type ApprovalsOptions,
  type ApprovalTerms,
  type BoundCall,
  bindCall,
  type CalledTool,
  createApprovals,
} from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import type { ApprovalRequirement, Principal } from '../../src/domain/index.js';
import { readJson } from '../../src/protocol/index.js';
import type { Store } from '../../src/store/index.js';

export const CASES = new URL('../cases/approvals/', import.meta.url);

export function readCases<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(file, CASES), 'utf8')) as T[];
}

/** Signs the grants of all tests of one file. */
export const KEY = generateKeyPairSync('ed25519').privateKey;

export const REQUIREMENT: ApprovalRequirement = {
  all_of: [{ groups: ['oncall'], quorum: 1 }],
  ttl_seconds: 900,
};

/** Approvals that are kept and recorded in a store. */
export function approvalsIn(store: Store, more: Partial<ApprovalsOptions> = {}): Approvals {
  const audit = createAudit({ store: store.audit });
  return createApprovals({ store: store.approvals, record: audit.append, key: KEY, ...more });
}

/** What is asked for a call of `callOf`. */
export function terms(requirement = REQUIREMENT, requester = principal('agent')): ApprovalTerms {
  return { requirement, requester, revision: REVISION, shown: SHOWN };
}

export const REVISION = { bundle: 'default', revision: 'r1', digest: 'sha256:7' };

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

/** A `tools/call` of the payments server with these params, undefined where it has none; or one that is otherwise. */
export function callOf(
  params: string | undefined,
  by = 'agent',
  more: { upstream?: string; method?: string; tool?: CalledTool | 'none' } = {},
): BoundCall {
  const {
    upstream = 'payments',
    method = 'tools/call',
    tool = { name: 'refund', digest: 'sha256:1' },
  } = more;
  const document = readJson(Buffer.from(params === undefined ? '{}' : `{"params":${params}}`));
  return bindCall({
    principal: principal(by),
    upstream,
    method,
    ...(tool !== 'none' && { tool }),
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
