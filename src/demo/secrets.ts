import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';

export const CLIENTS = {
  'support-agent': ['support-agents'],
  'platform-oncall': ['payments-oncall', 'policy-publishers', 'operators'],
  gateway: ['gateways'],
} as const satisfies Record<string, readonly string[]>;

/** A machine that may ask the demo's identity provider for tokens. */
export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

/** The person who signs in with a browser. */
export const APPROVER = {
  id: 'morgan',
  name: 'Morgan (payments on call)',
  groups: ['payments-oncall'],
} as const;

/** The approvers' page, as the identity provider knows it. */
export const PAGE_CLIENT = 'approvals-page';

/** What the demo keeps to itself; made on its first start. */
export interface Secrets {
  readonly clients: Readonly<Record<ClientName, string>>;
  /** The bearer token that the back office demands of whoever calls it: the gateway's own, never the caller's. */
  readonly backoffice_key: string;
  /** The key the identity provider signs tokens with: a private JWK (RFC 7517) for RS256. */
  readonly signing_key: Readonly<Record<string, unknown>>;
  readonly cookie_key: string;
  /** Of the approvers' page, as a client of the identity provider. */
  readonly page_secret: string;
  /** The approver's, which `npm start` prints. */
  readonly approver_password: string;
}

export function generateSecrets(): Secrets {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: { 'support-agent': secret(), 'platform-oncall': secret(), gateway: secret() },
    backoffice_key: secret(),
    signing_key: { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' },
    cookie_key: secret(),
    page_secret: secret(),
    approver_password: randomBytes(12).toString('base64url'),
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
