import type { Logger } from 'winston';
import type { Approvals, Deliveries, DeliveryDesk } from '../approvals/index.js';
import type { Audit, AuditHistory } from '../audit/index.js';
import type { BundleStatus, DecisionOutcome } from '../bundles/index.js';
import type { UpstreamIdentity } from '../domain/index.js';
import type { Identifier } from '../identity/index.js';
import type { Limits } from '../limits/index.js';
import type { Vault } from '../masking/index.js';
import type { DecisionEngine } from '../policy/index.js';
import type { Signer, Upstream } from '../upstream/index.js';
import type { ApprovalsPage } from './approvals-page/page.js';
import type { PossessionSettings, RequiredBinding } from './binding.js';
import type { Correlation } from './correlation.js';
import type { RevocationParts } from './live.js';
import type { Places } from './places.js';
import type { Shadow } from './shadow.js';
import type { SlackParts } from './slack-api.js';
import type { SessionStore, TaskStore } from './store.js';
import type { ToolCatalog } from './tools.js';
import type { WaitTimes } from './wait/times.js';

export interface GatewaySettings {
  /** Where clients reach this gateway; an origin without a trailing slash. */
  readonly publicUrl: string;
  /** Values of the Host header that are this gateway's own, ports included. */
  readonly allowedHosts: readonly string[];
  /** Browsers' origins that may call. */
  readonly allowedOrigins: readonly string[];
  readonly limits: {
    readonly messageBytes: number;
    readonly depth: number;
    /** How long a client may take to send a whole request. */
    readonly requestMilliseconds: number;
  };
  /** Whether a bundle past its expiry that is in force still decides. */
  readonly onBundleExpiry: 'warn' | 'fail_closed';
  /** What a decision's event keeps of what policy was shown. */
  readonly decisionInputs: 'omitted' | 'masked' | 'whole';
  /** Issuers that the protected-resource metadata names (RFC 9728). */
  readonly issuers: readonly string[];
  readonly possession: PossessionSettings;
  /** Whether clients are told that any call may be a task, which is then one of the gateway's where the server has none. */
  readonly offersTasks: boolean;
}

/** An upstream as the gateway knows it: what policy sees of it, and the road to it. */
export interface KnownUpstream {
  readonly identity: UpstreamIdentity;
  readonly road: Upstream;
  readonly requireBinding: RequiredBinding;
  /** Scopes that clients are told to ask their issuer for. */
  readonly scopes: readonly string[];
}

/** The rooms that the gateway hands values between. */
export interface GatewayParts {
  readonly settings: GatewaySettings;
  readonly identifier: Identifier;
  readonly engine: DecisionEngine;
  /** Missing where no bundle is evaluated without effect. */
  readonly shadow?: Shadow;
  readonly approvals: Approvals;
  /** Missing where no credential can be revoked. */
  readonly revocation?: RevocationParts;
  /** Missing where nothing counts: what policy limits then does not pass. */
  readonly limits?: Limits;
  /** Missing where no tokens are kept: what policy wants to be one then does not pass. */
  readonly vault?: Vault;
  /** Missing where approvers have no web page. */
  readonly page?: ApprovalsPage;
  /** Missing where nobody is told of approvals. */
  readonly deliveries?: Pick<Deliveries, 'outcomes'>;
  readonly deliveryDesk: DeliveryDesk;
  /** Missing where nobody decides in Slack. */
  readonly slack?: SlackParts;
  readonly audit: Audit;
  readonly history: AuditHistory;
  readonly sessions: SessionStore;
  /** Calls that the gateway itself answers later. */
  readonly tasks: TaskStore;
  readonly upstreams: ReadonlyMap<string, KnownUpstream>;
  readonly bundleStatus: () => BundleStatus;
  /** Hears what came of each message that was put to policy. */
  readonly decided?: (outcome: DecisionOutcome) => void;
  /** Signs tokens for upstreams; missing where none gets such. */
  readonly signer?: Signer;
  /** Of which the keys of hashes, fakes, tokens and the vault are made; one for all gateways of a store. */
  readonly hashKey: Buffer;
  /** Where undefined, those that suit most clients. */
  readonly waitTimes?: WaitTimes;
  readonly correlation: Correlation;
  /** Of callers that are held open until their call is decided on; who finds none is answered at once. */
  readonly heldOpen: Places;
  readonly tools: ToolCatalog;
  readonly log: Logger;
}
