import { setTimeout as pause } from 'node:timers/promises';
import { expect } from './expect.js';
import type { Sight, Step } from './step.js';
import type { Visit } from './visit.js';

const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

export const tokenStep: Step = {
  title: 'A token from the OIDC provider',
  async walk(visit) {
    const claims = payload(await visit.token('support-agent'));
    return [
      {
        asked: 'the provider for a token, with the client credentials of support-agent',
        answered: `a JWT for ${String(claims['aud'])}, groups ${JSON.stringify(claims['groups'])}, good for ${Number(claims['exp']) - Number(claims['iat'])} s`,
      },
    ];
  },
};

export const refusedTokensStep: Step = {
  title: 'Tokens that are refused at the connection',
  async walk(visit) {
    const elsewhere = await visit.token('support-agent', { resource: 'urn:example:elsewhere' });
    const shortLived = await visit.token('support-agent', { scope: 'short_lived' });
    const unsigned = withoutSignature(await visit.token('support-agent'));
    await untilExpired(shortLived);
    return [
      await refused(visit, 'a token for another audience', elsewhere),
      await refused(visit, 'an expired token', shortLived),
      await refused(visit, 'an unsigned token (alg: none)', unsigned),
    ];
  },
};

async function refused(visit: Visit, what: string, token: string): Promise<Sight> {
  const response = await visit.post('backoffice', token, PING);
  expect(response.status === 401, `${what} should have been refused with 401, not ${response.status}`);
  const challenge = response.headers.get('WWW-Authenticate') ?? '';
  expect(challenge.includes('error="invalid_token"'), `${what}: the challenge names no error: ${challenge}`);
  const { error } = (await response.json()) as { error: { message: string } };
  return { asked: `ping with ${what}`, answered: `401: ${error.message}` };
}

function payload(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

function withoutSignature(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

async function untilExpired(token: string): Promise<void> {
  const left = Number(payload(token)['exp']) * 1000 - Date.now();
  if (left >= 0) await pause(left + 1);
}
