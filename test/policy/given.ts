import { readFileSync } from 'node:fs';
import type { RequestMessage } from '../../src/domain/index.js';
import type { DecisionEngineOptions, PolicyInput } from '../../src/policy/index.js';
import { readJson } from '../../src/protocol/index.js';
import { ENTRYPOINT } from './compile.js';

export const OPTIONS: DecisionEngineOptions = {
  workers: 2,
  deadlineMilliseconds: 2_000,
  memoryMebibytes: 128,
  entrypoint: ENTRYPOINT,
};

/** A policy kept beside the cases. */
export function policyFile(name: string): string {
  return readFileSync(new URL(`../cases/policy/${name}.rego`, import.meta.url), 'utf8');
}

/** An input around a message's text. */
export function inputOf(message: string, differing: Partial<PolicyInput> = {}): PolicyInput {
  return {
    direction: 'to_server',
    kind: 'request',
    upstream: { name: 'tickets', labels: { tier: 'gold' } },
    principal: {
      id: 'https://issuer.test|ann',
      issuer: 'https://issuer.test',
      subject: 'ann',
      client_id: 'cli',
      kind: 'oidc',
      groups: ['staff'],
      roles: [],
      scopes: ['mcp'],
      claims: { sub: 'ann' },
      binding: 'none',
    },
    session: { id: 's1', protocol_version: '2025-11-25', client: { name: 'agent', version: '1' } },
    message: readJson(Buffer.from(message)),
    findings: [],
    nowNanoseconds: 1_790_000_000_123_456_789n,
    ...differing,
  };
}

/** A call of the method that the policies of these tests look at. */
export function call(method: string, params = '{}'): PolicyInput {
  return inputOf(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`);
}

/** A request as the response that answers it carries it along. */
export function requestOf(text: string): RequestMessage {
  const document = readJson(Buffer.from(text));
  const method = document.at('method');
  if (method === undefined) throw new Error('the request has no method');
  return {
    kind: 'request',
    id: { key: '1', text: '1' },
    method: document.string(method),
    params: document.at('params'),
    document,
  };
}
