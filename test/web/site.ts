import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindCall } from '../../src/approvals/index.js';
import type { ApprovalRequirement, Principal } from '../../src/domain/index.js';
import { ApprovalsPage } from '../../src/gateway/index.js';
import { createSignIn, type SignIn } from '../../src/identity/index.js';
import { readJson } from '../../src/protocol/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { freePort } from '../end-to-end/process.js';
import { Harness } from '../gateway/harness.js';
import type { LocalServer } from '../identity/issuer.js';
import { CLIENT_ID, CLIENT_SECRET, startProvider } from './provider.js';

export const REQUIREMENT: ApprovalRequirement = {
  all_of: [{ groups: ['payments-oncall'], quorum: 1 }],
  ttl_seconds: 900,
};

/** What a call that is to wait looks like, where it is not like all others. */
export interface Asking {
  readonly tool?: string;
  readonly arguments?: string;
  readonly definition?: string;
  readonly message?: string;
  readonly requirement?: ApprovalRequirement;
  readonly requester?: Principal;
  readonly masked?: true;
}

/** A gateway with its approvals page, and a real OpenID provider to sign in at. */
export class Site {
  readonly harness: Harness;
  readonly provider: LocalServer;
  readonly page: ApprovalsPage;
  readonly url: string;
  readonly #signIn: SignIn;
  /** Of who is signed in. */
  readonly #store: Store;

  private constructor(made: {
    harness: Harness;
    provider: LocalServer;
    page: ApprovalsPage;
    signIn: SignIn;
    store: Store;
  }) {
    this.harness = made.harness;
    this.provider = made.provider;
    this.page = made.page;
    this.#signIn = made.signIn;
    this.#store = made.store;
    this.url = made.harness.url;
  }

  static async start(options: { isRevoked?: (principal: Principal) => boolean } = {}): Promise<Site> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const redirectUri = `${publicUrl}/approvals/callback`;
    const provider = await startProvider(redirectUri);
    const clientSecretFile = join(mkdtempSync(join(tmpdir(), 'regate-page-')), 'secret');
    writeFileSync(clientSecretFile, `${CLIENT_SECRET}\n`);
    const signIn = createSignIn({
      issuer: {
        issuer: provider.url,
        audiences: ['gateway'],
        algorithms: ['ES256'],
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 5,
        claims: { groups: 'groups' },
      },
      clientId: CLIENT_ID,
      clientSecretFile,
      scopes: ['profile'],
      redirectUri,
      identifier: { identify: () => Promise.reject(new Error('the provider gives no JWT access tokens')) },
    });
    signIn.start();
    const store = await openStore(':memory:');
    const page = new ApprovalsPage({
      signIn,
      publicUrl,
      sessionMilliseconds: 3_600_000,
      store: store.pageSessions,
      secret: randomBytes(32),
      ...options,
    });
    const harness = await Harness.start({ page, port });
    return new Site({ harness, provider, page, signIn, store });
  }

  /** Has a call wait. @returns the approval's id */
  async ask(asking: Asking = {}): Promise<string> {
    const { tool = 'issue_refund', requester = REQUESTER } = asking;
    const text = asking.arguments ?? '{"order": "A-1042", "amount": 750.00, "currency": "EUR"}';
    const params = `{"name":${JSON.stringify(tool)},"arguments":${text}}`;
    const document = readJson(Buffer.from(params), { maxDepth: 1000 });
    const call = bindCall({
      principal: requester,
      upstream: 'backoffice',
      method: 'tools/call',
      tool: { name: tool, digest: `sha256:${'0'.repeat(64)}` },
      document,
      params: document.root,
    });
    const { id } = await this.harness.approvals.request(call, {
      requirement: asking.requirement ?? REQUIREMENT,
      requester,
      revision: { bundle: 'starter', revision: '7f3c2ab', digest: `sha256:${'1'.repeat(64)}` },
      shown: {
        tool,
        definition: asking.definition ?? DEFINITION,
        arguments: params,
        preview: text.slice(0, 200),
        reasons: [
          {
            policy: 'refunds',
            code: 'over_limit',
            message: asking.message ?? 'refunds over 500 need a human',
          },
        ],
        ...(asking.masked && { masked: true as const }),
      },
    });
    return id;
  }

  async close(): Promise<void> {
    await this.harness.close();
    this.#signIn.close();
    await this.#store.close();
    await this.provider.close();
  }
}

const DEFINITION = JSON.stringify({
  name: 'issue_refund',
  description: 'Pays money back to a customer.',
  annotations: { destructiveHint: true },
  inputSchema: { type: 'object', properties: { order: { type: 'string' }, amount: { type: 'number' } } },
});

export const REQUESTER: Principal = {
  id: 'https://token.actions.githubusercontent.com|repo:shop/agents:ref:refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'repo:shop/agents:ref:refs/heads/main',
  client_id: 'shop/agents',
  kind: 'github_actions',
  workload: {
    repository: 'shop/agents',
    repository_id: '4242',
    repository_owner: 'shop',
    repository_owner_id: '42',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    event_name: 'schedule',
    workflow: 'Answer mail',
    actor: 'dana',
    actor_id: '7',
  },
  groups: ['support-agents'],
  roles: [],
  scopes: [],
  claims: { iss: 'https://token.actions.githubusercontent.com' },
  binding: 'none',
};
