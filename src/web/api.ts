/** What the gateway's API says, and asking it. The shapes are those of /api/openapi.json. */

export type State = 'pending' | 'approved' | 'denied' | 'expired' | 'spent';

export interface Vote {
  readonly voter: string;
  readonly groups: readonly string[];
  readonly verdict: 'approve' | 'deny';
  readonly at: string;
  readonly note?: string;
  readonly break_glass?: true;
}

export interface Approvers {
  readonly groups: readonly string[];
  readonly quorum: number;
  readonly escalate?: { readonly after_seconds: number; readonly groups: readonly string[] };
  readonly break_glass?: readonly string[];
}

/** An approval as it is listed. */
export interface Summary {
  readonly id: string;
  readonly state: State;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly principal: string;
  readonly upstream: string;
  readonly method: string;
  readonly tool?: string;
  readonly preview?: string;
  readonly reason?: string;
  readonly agreed: number;
  readonly needed: number;
  readonly last_voter?: string;
  readonly broke_glass: boolean;
  readonly you: Pick<Standing, 'may_vote' | 'may_break_glass' | 'why'>;
}

export interface Listed {
  readonly approvals: readonly Summary[];
  /** Where the next page begins. */
  readonly next?: string;
}

export interface Approval {
  readonly id: string;
  readonly state: State;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly principal: string;
  readonly requester: Requester;
  readonly upstream: string;
  readonly method: string;
  readonly tool?: string;
  readonly tool_digest?: string;
  readonly tool_definition?: string;
  /** In which way the tool is not as somebody looked at it before, by lines. */
  readonly tool_difference?: string;
  /** JSON, as a text. */
  readonly arguments: string;
  /** Whether values in them are shown masked. */
  readonly arguments_masked: boolean;
  readonly arguments_digest: string;
  readonly reasons: readonly { readonly policy: string; readonly code: string; readonly message: string }[];
  readonly revision: { readonly bundle: string; readonly revision: string };
  readonly all_of: readonly Approvers[];
  readonly grant?: { readonly uses: number; readonly valid_seconds: number; readonly class?: string };
  readonly votes: readonly Vote[];
  /** JSON, as a text. */
  readonly narrowed?: string;
  readonly uses: number;
  readonly spent_at?: string;
  readonly you: Standing;
}

/** What whoever looks may do with it. */
export interface Standing {
  readonly may_vote: boolean;
  readonly may_break_glass: boolean;
  readonly may_narrow: boolean;
  /** Why they may not vote. */
  readonly why?: string;
}

export interface Requester {
  readonly id: string;
  readonly kind: string;
  readonly issuer: string;
  readonly subject: string;
  readonly client_id: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly workload?: Readonly<Record<string, unknown>>;
}

export interface FormerCall {
  readonly time: string;
  readonly upstream?: string;
  readonly method?: string;
  readonly tool?: string;
  readonly outcome: 'allow' | 'deny' | 'require_approval' | 'refused';
  readonly why?: string;
}

export interface Detail extends Approval {
  readonly history: {
    readonly calls: readonly FormerCall[];
    readonly approvals: readonly Pick<
      Approval,
      'id' | 'state' | 'requested_at' | 'upstream' | 'method' | 'tool'
    >[];
  };
}

export interface Session {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly csrf_token: string;
  readonly until: string;
}

export interface Ballot {
  readonly note?: string;
  readonly arguments?: string;
  readonly break_glass?: boolean;
}

/** The gateway said no, or could not be reached; in words for whoever reads the page. */
export class Problem extends Error {
  readonly code: string;
  readonly nextStep: string;

  constructor(code: string, message: string, nextStep: string) {
    super(message);
    this.code = code;
    this.nextStep = nextStep;
  }
}

let csrfToken = '';

/** Who is signed in, if anybody is. */
export async function session(): Promise<Session | undefined> {
  const found = (await ask('/approvals/session')) as Session | undefined;
  csrfToken = found?.csrf_token ?? '';
  return found;
}

export async function list(query: Readonly<Record<string, string>>): Promise<Listed> {
  return (await ask(`/api/approvals?${new URLSearchParams(query)}`)) as Listed;
}

export async function show(id: string): Promise<Detail> {
  return (await ask(`/api/approvals/${id}`)) as Detail;
}

export async function vote(id: string, verdict: 'approve' | 'deny', ballot: Ballot): Promise<Detail> {
  return (await ask(`/api/approvals/${id}/${verdict}`, ballot)) as Detail;
}

export async function signOut(): Promise<void> {
  await ask('/approvals/sign-out', {});
}

/** Asks the gateway; with a body it is a POST, which repeats the session's token. */
async function ask(path: string, body?: object): Promise<unknown> {
  const request: RequestInit =
    body === undefined
      ? {}
      : {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'Content-Type': 'application/json', 'Regate-CSRF-Token': csrfToken },
        };
  const response = await fetch(path, { ...request, credentials: 'same-origin' }).catch(() => {
    throw new Problem(
      'unreachable',
      'The gateway cannot be reached.',
      'Check your connection, then try again.',
    );
  });
  if (response.status === 204) return undefined;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw problemOf(response.status, answer);
}

/** What the gateway says itself is worded for programs too, so the common ones have words of the page's own. */
const WORDS: Readonly<Record<string, readonly [message: string, nextStep: string]>> = {
  signed_out: ['You are signed out.', 'Sign in again; nothing that you decided is lost.'],
  cross_site: ['The page is out of date.', 'Reload it, then decide again.'],
  not_found: ['There is no such approval for you.', 'It may be for another group. See the inbox for yours.'],
  not_permitted: [
    'You are in none of the groups that may decide this.',
    'Ask somebody who is in one of them.',
  ],
  own_request: [
    'This call was made by you, or for you.',
    'Ask somebody else: nobody approves a call of their own.',
  ],
  already_voted: ['You have voted on this already.', 'Others have to agree as well.'],
  not_pending: ['Somebody else has decided this meanwhile.', 'Nothing is left to be done.'],
  not_needed: ['Your group has agreed already.', 'Others have to agree as well.'],
  other_arguments: ['Somebody has agreed to other arguments.', 'Agree to the same ones, or deny.'],
  expired: ['The time to decide this is over.', 'If the call is made again, a new approval is asked for.'],
  body_too_big: ['That is too long.', 'Shorten it, then try again.'],
};

function problemOf(status: number, answer: unknown): Problem {
  const { error } = Object(answer) as { error?: Record<string, unknown> };
  const code = typeof error?.['code'] === 'string' ? error['code'] : `http_${status}`;
  const words = WORDS[code];
  if (words !== undefined) return new Problem(code, ...words);
  if (status >= 500)
    return new Problem(code, 'The gateway failed.', 'Try again; if it goes on, tell whoever runs it.');
  const said = error?.['message'];
  const nextStep = error?.['next_step'];
  return new Problem(
    code,
    typeof said === 'string' ? sentence(said) : `The gateway answered with ${status}.`,
    typeof nextStep === 'string' ? sentence(nextStep) : 'Try again.',
  );
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
