import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

export const CLIENTS = {
  'support-agent': ['support-agents'],
  'platform-oncall': ['payments-oncall', 'policy-publishers', 'operators'],
  gateway: ['gateways'],
} as const satisfies Record<string, readonly string[]>;

/** A machine that may ask the demo's identity provider for tokens. */
export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

/** What the demo keeps to itself; made on its first start. */
export interface Secrets {
  readonly clients: Readonly<Record<ClientName, string>>;
  /** The bearer token that the back office demands of whoever calls it: the gateway's own, never the caller's. */
  readonly backoffice_key: string;
  /** The key the identity provider signs tokens with: a private JWK (RFC 7517) for RS256. */
  readonly signing_key: Readonly<Record<string, unknown>>;
  readonly cookie_key: string;
}

export function generateSecrets(): Secrets {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: { 'support-agent': secret(), 'platform-oncall': secret(), gateway: secret() },
    backoffice_key: secret(),
    signing_key: { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' },
    cookie_key: secret(),
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
