import type { Config, GatewayConfig } from '../../config/index.js';
import { ApprovalsPage, type PageSessionStore } from '../../gateway/index.js';
import { createSignIn, type Identifier, type RevocationDesk } from '../../identity/index.js';

/** The web page for approvers, where one is configured. */
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
  if (issuer === undefined) throw new TypeError("the page's issuer is one of those that are trusted");
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
