import { generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { SignJWT } from 'jose';
import { createLogger, transports } from 'winston';
import { type Approvals, createApprovals, createDeliveryDesk, type Door } from '../../src/approvals/index.js';
import { createAudit } from '../../src/audit/index.js';
import type { BundleStatus } from '../../src/bundles/index.js';
import type { AuditEvent, DecisionEvent, VerifiedBundle } from '../../src/domain/index.js';
import {
  type ApprovalsPage,
  Correlation,
  endWhatIsRevoked,
  type GatewayParts,
  LiveExchanges,
  Places,
  type RequiredBinding,
  type Room,
  type RunningGateway,
  type Shadow,
  type SlackParts,
  startGateway,
  type TlsListening,
  ToolCatalog,
  trustedProxies,
  type WaitTimes,
  whyRevokedBy,
} from '../../src/gateway/index.js';
import {
  createIdentifier,
  createRevocationDesk,
  type IssuerOptions,
  type RevocationDesk,
  type RevocationStore,
  Revocations,
} from '../../src/identity/index.js';
import { createLimits, type LimitStore, type Limits } from '../../src/limits/index.js';
import { createVault, type VaultStore } from '../../src/masking/index.js';
import { createDecisionEngine, type DecisionEngine } from '../../src/policy/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { createHttpUpstream, type Upstream } from '../../src/upstream/index.js';
import {
  type LocalServer,
  localServer,
  publishIssuer,
  type SigningKey,
  signingKey,
  until,
} from '../identity/issuer.js';
import { secret } from '../output/secret.js';
import { bundleOf, ENTRYPOINT } from '../policy/compile.js';

/**
 * What the gateway's tests let policy say: everything passes, but for what a tool, a method or a finding asks for by
 * its name. The starter policy is tested with its own cases and in the tour.
 */
export const POLICY = `package regate.main

default decision := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

decision := {"effect": "deny", "reasons": [{"policy": "test", "code": "refused", "message": "the test says no"}], "mask": [], "labels": []} if {
	refused
}

decision := {"effect": "allow", "reasons": [], "mask": masks, "labels": []} if {
	not refused
	not held
	not looping
	count(masks) > 0
}

decision := {"effect": "require_approval", "reasons": [{"policy": "test", "code": "held", "message": "a human must look"}], "approval": {"all_of": [{"groups": ["approvers"], "quorum": 1}], "ttl_seconds": 60}, "mask": [], "labels": []} if {
	held
}

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [sprintf("%v", [count([x | some x in numbers.range(1, 100000); some y in numbers.range(1, 100000); x * y == 7])])]} if {
	looping
}

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [sprintf("%s %s %s", [input.session.protocol_version, input.session.client.name, input.session.client.version])]} if {
	input.kind == "request"
	input.message.params.name == "named by its client"
}

refused if input.message.params.name == "refused"
refused if input.message.params.inputResponses[_].content.answer == "refused"
refused if input.message.params.data == "refused"
refused if input.message.method == "sampling/createMessage"
refused if {
	input.kind == "response"
	input.message.result.content[_].text == "refused"
}

held if {
	input.message.params.name == "held"
	not input.approval
}

looping if input.message.params.name == "looping"

masks := [{"path": finding.path, "with": "redact", "match": {"detector": finding.detector}} |
	some finding in input.findings
	masked
]

masked if input.direction == "to_client"
masked if input.message.params.name == "secretive"
`;

const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'];

/** What logout tokens and security events are made for. */
export const EVENTS_AUDIENCE = 'gateway-events';

/** One request as the upstream got it. */
export interface Seen {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Script = (response: ServerResponse, seen: Seen) => void | Promise<void>;

/** A running gateway with everything real around it but the upstream, which does what a test tells it to. */
export class Harness {
  readonly seen: Seen[] = [];
  readonly log: string[] = [];
  readonly engine: DecisionEngine;
  readonly store: Store;
  readonly gateway: RunningGateway;
  readonly url: string;
  readonly upstream: LocalServer;
  readonly #issuer: LocalServer;
  readonly #key: SigningKey;
  readonly #parts: GatewayParts;
  readonly #grantKey: KeyObject;
  readonly #beside: Harness | undefined;
  #script: Script = (response) => void response.writeHead(500).end();

  private constructor(made: {
    engine: DecisionEngine;
    store: Store;
    gateway: RunningGateway;
    upstream: LocalServer;
    issuer: LocalServer;
    key: SigningKey;
    parts: GatewayParts;
    grantKey: KeyObject;
    beside: Harness | undefined;
    log: string[];
    scheme: string;
  }) {
    this.engine = made.engine;
    this.store = made.store;
    this.gateway = made.gateway;
    this.upstream = made.upstream;
    this.#issuer = made.issuer;
    this.#key = made.key;
    this.#parts = made.parts;
    this.#grantKey = made.grantKey;
    this.#beside = made.beside;
    this.log = made.log;
    this.url = `${made.scheme}://127.0.0.1:${made.gateway.address.port}`;
    if (made.beside === undefined)
      this.upstream.handler = (request, response) => void this.#answer(request, response);
  }

  static async start(
    options: {
      messageBytes?: number;
      requestMilliseconds?: number;
      timeoutMilliseconds?: number;
      withoutPolicy?: boolean;
      policy?: string;
      /** Instead of `policy`. */
      bundle?: VerifiedBundle;
      onBundleExpiry?: 'warn' | 'fail_closed';
      decisionInputs?: 'omitted' | 'masked' | 'whole';
      bundleStatus?: () => BundleStatus;
      /** Instead of the scripted upstream over streamable HTTP. */
      road?: Upstream;
      shadow?: (parts: Pick<GatewayParts, 'audit' | 'log'>) => Shadow;
      /** What counts, or that nothing does. */
      limits?: (store: LimitStore) => Limits | undefined;
      /** What keeps tokens, where it is not the store's own, or that nothing does. */
      vaultStore?: (store: VaultStore) => VaultStore | undefined;
      /** The vault's clock. */
      now?: () => number;
      publicUrl?: string;
      /** Of the issuer that the harness itself is. */
      audiences?: readonly string[];
      /** Besides that one. */
      issuers?: readonly IssuerOptions[];
      /** Scopes that the upstream names. */
      scopes?: readonly string[];
      /** Upstreams besides `tools`, on the same road. */
      others?: readonly string[];
      /** Takes DPoP proofs. */
      dpop?: { readonly nonceRequired: boolean };
      /** By the names of upstreams. */
      requireBinding?: Readonly<Record<string, RequiredBinding>>;
      trustedProxies?: readonly string[];
      tls?: TlsListening;
      /** Another harness's, as of a second gateway of the same store. */
      revocationStore?: RevocationStore;
      waitTimes?: WaitTimes;
      offersTasks?: boolean;
      heldOpen?: Room;
      doors?: readonly Pick<Door, 'id' | 'name'>[];
      page?: ApprovalsPage;
      slack?: SlackParts;
      deliveries?: NonNullable<GatewayParts['deliveries']>;
      /** A free one where undefined. */
      port?: number;
      /** A gateway on the same store, with the same keys, issuer and upstream; it is closed after this one. */
      beside?: Harness;
    } = {},
  ): Promise<Harness> {
    const { beside } = options;
    const [issuer, upstream, key, store] = await Promise.all([
      beside ? beside.#issuer : localServer(),
      beside ? beside.upstream : localServer(),
      beside ? beside.#key : signingKey('ES256', 'k1'),
      beside ? beside.store : openStore(':memory:'),
    ]);
    if (beside === undefined) publishIssuer(issuer, [key]);
    const grantKey = beside ? beside.#grantKey : generateKeyPairSync('ed25519').privateKey;
    const log: string[] = [];
    const engine = createDecisionEngine({
      workers: 2,
      deadlineMilliseconds: 1_000,
      memoryMebibytes: 64,
      entrypoint: ENTRYPOINT,
    });
    if (!options.withoutPolicy)
      await engine.activate(options.bundle ?? (await bundleOf(options.policy ?? POLICY)));
    const audit = createAudit({ store: store.audit });
    const settings = {
      publicUrl: options.publicUrl ?? 'http://gateway.test',
      allowedHosts: [] as string[],
      allowedOrigins: ['https://app.test'],
      limits: {
        messageBytes: options.messageBytes ?? 1 << 20,
        depth: 1000,
        requestMilliseconds: options.requestMilliseconds ?? 60_000,
      },
      onBundleExpiry: options.onBundleExpiry ?? ('warn' as const),
      decisionInputs: options.decisionInputs ?? ('omitted' as const),
      possession: {
        proofAlgorithms: options.dpop === undefined ? [] : PROOF_ALGORITHMS,
        asksForCertificates: options.tls !== undefined,
        trustedProxies: trustedProxies(options.trustedProxies ?? []),
      },
      offersTasks: options.offersTasks ?? false,
      // Clients go to the first.
      issuers: [...(options.issuers ?? []).map(({ issuer }) => issuer), issuer.url],
    };
    const road =
      options.road ??
      createHttpUpstream({
        name: 'tools',
        url: `${upstream.url}/mcp`,
        headers: { 'X-Own': 'own' },
        timeoutMilliseconds: options.timeoutMilliseconds ?? 5_000,
      });
    const logger = createLogger({ transports: [new transports.Stream({ stream: collect(log) })] });
    const desk = createRevocationDesk({
      store: options.revocationStore ?? store.revocations,
      record: (event) => audit.append(event),
      revocations: new Revocations(),
      log: logger,
    });
    const identifier = createIdentifier({
      isRevoked: (principal) => desk.isRevoked(principal),
      issuers: [
        {
          issuer: issuer.url,
          audiences: options.audiences ?? ['gateway'],
          algorithms: ['ES256'],
          maxTokenLifeSeconds: 3600,
          clockToleranceSeconds: 0,
          claims: { groups: 'groups', roles: 'roles', clientId: 'client_id' },
          events: { audiences: [EVENTS_AUDIENCE] },
        },
        ...(options.issuers ?? []),
      ],
      ...(options.dpop !== undefined && {
        dpop: {
          algorithms: PROOF_ALGORITHMS,
          maxAgeSeconds: 60,
          store: store.proofs,
          ...(options.dpop.nonceRequired && { nonceKey: await store.proofs.nonceKey() }),
        },
      }),
    });
    identifier.start();
    await until(() => identifier.status().every(({ ready }) => ready));
    const countedBy = options.limits ?? ((store: LimitStore) => createLimits({ store }));
    const limits = countedBy(store.limits);
    const hashKey = Buffer.from(secret('shared key', '\u0001'.repeat(32)));
    const values = (options.vaultStore ?? ((kept: VaultStore) => kept))(store.vault);
    const clock = options.now === undefined ? {} : { now: options.now };
    const vault = values && createVault({ store: values, secret: hashKey, log: logger, ...clock });
    const shadow = options.shadow?.({ audit, log: logger });
    const revocation = { desk, live: new LiveExchanges(), groups: ['revokers'] };
    const parts: GatewayParts = {
      settings,
      identifier,
      engine,
      ...(shadow !== undefined && { shadow }),
      audit,
      approvals: createApprovals({
        store: store.approvals,
        record: (event) => audit.append(event),
        key: grantKey,
        whyRevoked: whyRevokedBy(desk),
      }),
      ...(limits !== undefined && { limits }),
      revocation,
      history: store.audit,
      deliveryDesk: createDeliveryDesk({
        store: store.deliveries,
        doors: options.doors ?? [],
        record: (event) => audit.append(event),
      }),
      sessions: store.sessions,
      upstreams: new Map(
        ['tools', ...(options.others ?? [])].map((name) => [
          name,
          {
            identity: { name, labels: {} },
            road,
            requireBinding: options.requireBinding?.[name] ?? 'none',
            scopes: options.scopes ?? [],
          },
        ]),
      ),
      bundleStatus: options.bundleStatus ?? (() => ({})),
      hashKey,
      ...(vault !== undefined && { vault }),
      ...(options.waitTimes !== undefined && { waitTimes: options.waitTimes }),
      ...(options.page !== undefined && { page: options.page }),
      ...(options.slack !== undefined && { slack: options.slack }),
      ...(options.deliveries !== undefined && { deliveries: options.deliveries }),
      correlation: new Correlation(),
      heldOpen: new Places(options.heldOpen ?? { perPrincipal: 100, all: 1_000 }),
      tools: new ToolCatalog(store.tools),
      tasks: store.tasks,
      log: logger,
    };
    endWhatIsRevoked(parts, revocation);
    await desk.start();
    const gateway = await startGateway(parts, {
      host: '127.0.0.1',
      port: options.port ?? 0,
      ...(options.tls !== undefined && { tls: options.tls }),
    });
    settings.allowedHosts.push(`127.0.0.1:${gateway.address.port}`, new URL(settings.publicUrl).host);
    const scheme = options.tls === undefined ? 'http' : 'https';
    const made = { engine, store, gateway, upstream, issuer, key, parts, grantKey, beside, log, scheme };
    return new Harness(made);
  }

  /** Where credentials are revoked. */
  get desk(): RevocationDesk {
    const { revocation } = this.#parts;
    if (revocation === undefined) throw new Error('nothing can be revoked here');
    return revocation.desk;
  }

  /** How many exchanges are under way. */
  get live(): number {
    return this.#parts.revocation?.live.size ?? 0;
  }

  get issuer(): string {
    return this.#issuer.url;
  }

  /** A token of the issuer's, with these claims and no other but `iss` and `iat`. */
  sign(typ: string, claims: Record<string, unknown>): Promise<string> {
    return new SignJWT({ iss: this.issuer, iat: Math.floor(Date.now() / 1000), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
      .sign(this.#key.privateKey);
  }

  /** Signs what stands before a token's second point as it is. */
  signRaw(input: string): string {
    const key = KeyObject.from(this.#key.privateKey);
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  /** What the upstream does with each request from now on. */
  script(script: Script): void {
    this.#script = script;
  }

  /** The upstream answers each request with one JSON text. */
  answerJson(text: string, status = 200, headers: Record<string, string> = {}): void {
    this.script(
      (response) =>
        void response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text),
    );
  }

  get approvals(): Approvals {
    return this.#parts.approvals;
  }

  /** The same policy in another revision. */
  async changePolicy(policy = POLICY): Promise<void> {
    await this.engine.activate(await bundleOf(policy, { revision: '2' }));
  }

  token(claims: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ client_id: 'job', groups: ['jobs'], sub: 'job', aud: 'gateway', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(this.#issuer.url)
      .setIssuedAt(now)
      .setExpirationTime(typeof claims['exp'] === 'number' ? claims['exp'] : now + 60)
      .sign(this.#key.privateKey);
  }

  async fetch(
    method: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
    path = '/mcp/tools',
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${await this.token()}`,
        Accept: 'application/json, text/event-stream',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
  }

  post(body: string | Buffer | object, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(
      'POST',
      typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers,
    );
  }

  /** Opens a session `id` for the default principal, as an upstream does with its answer to `initialize`. */
  async openSession(
    id: string,
    { asking, getting } = { asking: '2025-06-18', getting: '2025-06-18' },
  ): Promise<void> {
    this.answerJson(
      `{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"${getting}","capabilities":{},"serverInfo":{"name":"t","version":"1"}}}`,
      200,
      { 'Mcp-Session-Id': id },
    );
    const params = {
      protocolVersion: asking,
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const opened = await this.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    if (opened.status !== 200)
      throw new Error(`initialize was answered with ${opened.status}: ${await opened.text()}`);
  }

  async events(): Promise<AuditEvent[]> {
    return (await this.store.audit.read(0, 10_000)).map(({ event }) => event);
  }

  async decisions(): Promise<DecisionEvent[]> {
    return (await this.events()).filter((event): event is DecisionEvent => event.type === 'decision');
  }

  async close(): Promise<void> {
    await this.gateway.drain(2_000);
    this.#parts.identifier.close();
    this.#parts.revocation?.desk.close();
    for (const { road } of this.#parts.upstreams.values()) await road.close();
    await this.#parts.shadow?.close();
    await this.#parts.audit.close();
    await this.engine.close();
    if (this.#beside !== undefined) return;
    await this.store.close();
    await this.upstream.close();
    await this.#issuer.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(request, 'end');
    const seen = {
      method: request.method ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.seen.push(seen);
    await this.#script(response, seen);
  }
}

/** A `tools/call`. */
export function call(name: string, args: object = {}, id: string | number = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}

/** The error object of a JSON-RPC answer. */
export async function errorOf(
  response: Response,
): Promise<{ code: number; message: string; data: Record<string, unknown>; id: unknown }> {
  const body = (await response.json()) as {
    id: unknown;
    error?: { code: number; message: string; data: Record<string, unknown> };
  };
  if (body.error === undefined) throw new Error(`no error: ${JSON.stringify(body)}`);
  return { ...body.error, id: body.id };
}

function collect(log: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString());
      done();
    },
  });
}

/** A promise and what resolves it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}
