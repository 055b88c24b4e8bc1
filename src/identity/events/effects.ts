import type { JsonObject } from '../../domain/index.js';

/** What an event does to its subject's tokens. */
export interface Effect {
  /** For the audit. */
  readonly reason: string;
  /** `so_far`: those that were issued up to the event. `all`: those of after it too, for as long as old ones could live. */
  readonly ends: 'so_far' | 'all';
  /** Whether it does so with this payload. */
  readonly onlyIf?: (payload: JsonObject) => boolean;
}

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const OAUTH = 'https://schemas.openid.net/secevent/oauth/event-type/';

/** By event type: OpenID CAEP 1.0, OpenID RISC 1.0, and OpenID OAuth Event Types. All other types do nothing here. */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  [`${CAEP}session-revoked`]: { reason: 'the session was revoked', ends: 'so_far' },
  [`${CAEP}credential-change`]: { reason: 'a credential was changed', ends: 'so_far' },
  [`${CAEP}token-claims-change`]: { reason: 'what tokens say has changed', ends: 'so_far' },
  [`${CAEP}device-compliance-change`]: {
    reason: 'the device no longer complies',
    ends: 'so_far',
    onlyIf: ({ current_status }) => current_status !== 'compliant',
  },
  [`${CAEP}assurance-level-change`]: {
    reason: 'the level of assurance fell',
    ends: 'so_far',
    onlyIf: ({ change_direction }) => change_direction !== 'increase',
  },
  [`${RISC}account-disabled`]: { reason: 'the account was disabled', ends: 'all' },
  [`${RISC}account-purged`]: { reason: 'the account was purged', ends: 'all' },
  [`${RISC}account-credential-change-required`]: { reason: 'a credential has to be changed', ends: 'so_far' },
  [`${RISC}credential-compromise`]: { reason: 'a credential was compromised', ends: 'so_far' },
  [`${RISC}sessions-revoked`]: { reason: 'all sessions were revoked', ends: 'so_far' },
  [`${RISC}identifier-changed`]: { reason: 'an identifier was changed', ends: 'so_far' },
  [`${RISC}identifier-recycled`]: { reason: 'an identifier was given to somebody else', ends: 'so_far' },
  [`${OAUTH}token-revoked`]: { reason: 'a token was revoked', ends: 'so_far' },
  [`${OAUTH}tokens-revoked`]: { reason: 'all tokens were revoked', ends: 'so_far' },
};
