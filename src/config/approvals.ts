import { join, resolve } from 'node:path';
import type { ApprovalHappening, ApprovalsInFile } from './file.js';

const DAY_MILLISECONDS = 86_400_000;

/** Approvals by humans, and the ways to reach them. Every path is absolute. */
export interface ApprovalsConfig {
  readonly pendingPerPrincipal: number;
  readonly pending: number;
  /** Whether clients are told that any call may be a task. */
  readonly tasks: boolean;
  /** How many callers may be held open at once. */
  readonly held: { readonly perPrincipal: number; readonly all: number };
  /** For so long what is decided is kept. */
  readonly keepMilliseconds: number;
  /** Of the private key that signs grants; made where there is none. */
  readonly keyFile: string;
  readonly page?: ApprovalsPageConfig;
  readonly webhooks: readonly {
    readonly url: string;
    readonly secretFile: string;
    readonly events: readonly ApprovalHappening[];
  }[];
  readonly slack?: SlackConfig;
}

/** The web page's sign-in. */
export interface ApprovalsPageConfig {
  /** One of the configured issuers. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile?: string;
  readonly scopes: readonly string[];
  readonly sessionMinutes: number;
}

export interface SlackConfig {
  readonly botTokenFile: string;
  readonly signingSecretFile: string;
  readonly channel: string;
  readonly apiUrl: string;
  /** Who Slack's users are, by Slack's id. */
  readonly approvers: ReadonlyMap<
    string,
    { readonly issuer: string; readonly subject: string; readonly groups: readonly string[] }
  >;
}

/**
 * What a valid file says of approvals.
 *
 * @param directory - where the file's relative paths start
 */
export function approvalsOf(
  file: ApprovalsInFile,
  directory: string,
  stateDirectory: string,
): ApprovalsConfig {
  const {
    pending_per_principal: pendingPerPrincipal,
    pending,
    tasks,
    key_file,
    page,
    webhooks,
    slack,
  } = file;
  return {
    pendingPerPrincipal,
    pending,
    tasks,
    held: { perPrincipal: file.held_per_principal, all: file.held },
    keepMilliseconds: file.keep_days * DAY_MILLISECONDS,
    keyFile: key_file === undefined ? join(stateDirectory, 'approvals.key') : resolve(directory, key_file),
    ...(page !== undefined && { page: pageOf(page, directory) }),
    webhooks: webhooks.map(({ url, secret_file, events }) => ({
      url,
      secretFile: resolve(directory, secret_file),
      events,
    })),
    ...(slack !== undefined && {
      slack: {
        botTokenFile: resolve(directory, slack.bot_token_file),
        signingSecretFile: resolve(directory, slack.signing_secret_file),
        channel: slack.channel,
        apiUrl: slack.api_url,
        approvers: new Map(Object.entries(slack.approvers)),
      },
    }),
  };
}

function pageOf(page: NonNullable<ApprovalsInFile['page']>, directory: string): ApprovalsPageConfig {
  const { issuer, client_id: clientId, client_secret_file, scopes, session_minutes: sessionMinutes } = page;
  return {
    issuer,
    clientId,
    scopes,
    sessionMinutes,
    ...(client_secret_file !== undefined && { clientSecretFile: resolve(directory, client_secret_file) }),
  };
}
