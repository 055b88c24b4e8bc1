import { type Config, ConfigError, type GatewayConfig } from '../../config/index.js';
import { ApprovalsPage, type PageSessionStore } from '../../gateway/index.js';
import { createSignIn, type Identifier, type RevocationDesk } from '../../identity/index.js';

/**
 * The web page for approvers, where one is configured.
 *
 * @throws ConfigError where its issuer is none of those that are trusted
 */
export function approvalsPageOf(
  { identity }: Config,
  { approvals, publicUrl }: GatewayConfig,
  {
    identifier,
    desk,
    ...kept
  }: {
    readonly identifier: Identifier;
    readonly desk: RevocationDesk;
    /** Where it is kept who is signed in, and what the gateways of that store share. */
    readonly store: PageSessionStore;
    readonly secret: Buffer;
  },
): ApprovalsPage | undefined {
  const { page } = approvals;
  if (page === undefined) return undefined;
  const issuer = identity.issuers.find((known) => known.issuer === page.issuer);
  if (issuer === undefined) {
    const path = 'gateway.approvals.page.issuer';
    const problem = { path, message: 'is none of identity.issuers' };
    throw new ConfigError(
      'invalid',
      `${path} names no issuer that is trusted`,
      'Add it to identity.issuers.',
      [problem],
    );
  }
  const signIn = createSignIn({
    ...page,
    issuer,
    redirectUri: `${publicUrl}/approvals/callback`,
    identifier,
  });
  return new ApprovalsPage({
    signIn,
    publicUrl,
    sessionMilliseconds: page.sessionMinutes * 60_000,
    isRevoked: (principal) => desk.isRevoked(principal),
    ...kept,
  });
}
