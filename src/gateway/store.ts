/** An MCP session that an upstream opened for one principal, whichever gateway it was opened through. */
export interface SessionRecord {
  readonly upstream: string;
  /** The upstream's own `Mcp-Session-Id`. */
  readonly id: string;
  readonly principal_id: string;
  /** The version both sides agreed on. */
  readonly protocol_version: string;
  readonly client_name: string;
  readonly client_version: string;
  /** Whether the client takes a person to a page (`elicitation.url`). */
  readonly elicits_by_url?: boolean;
  /** RFC 3339, UTC. */
  readonly opened_at: string;
}

/** Where sessions are kept; `store` implements it. */
export interface SessionStore {
  /** Keeps a session, replacing one of the same upstream and id. Durable when it resolves. */
  open(session: SessionRecord): Promise<void>;
  find(upstream: string, id: string): Promise<SessionRecord | undefined>;
  close(upstream: string, id: string): Promise<void>;
}

/** A tool as its upstream last listed it. */
export interface ToolDefinition {
  /** `sha256:` and the hex digest of the definition. */
  readonly digest: string;
  /** JSON, as it was sent. */
  readonly definition: string;
}

/** A tool as some answer to `tools/list` had it. */
export interface ListedDefinition extends ToolDefinition {
  /** `sha256:` and the hex digest of its parts' digests: equal for definitions that differ in nothing that counts. */
  readonly fingerprint: string;
}

/** What one session, or one principal where there are none, was shown otherwise than it is pinned. */
export interface ShownOtherwise {
  readonly upstream: string;
  /** Digest of whose session it is. */
  readonly viewer: string;
  /** Whether a listing begins, so that nothing counts that was shown before. */
  readonly begins: boolean;
  /** Digests of definitions by the names of tools. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Where it is kept what upstreams list; `store` implements it. */
export interface ToolStore {
  /**
   * Keeps the tools of one list, by their names, and the text of their last definitions. Durable when it resolves.
   *
   * @param pinned - fingerprints of definitions by the names of tools, of which the text stays
   * @returns the names of those whose definition was not known
   */
  keep(
    upstream: string,
    tools: ReadonlyMap<string, ListedDefinition>,
    pinned?: ReadonlyMap<string, string>,
  ): Promise<ReadonlySet<string>>;
  /** A tool as it was listed last. */
  find(upstream: string, name: string): Promise<ToolDefinition | undefined>;
  /** A tool's definition of that fingerprint, where its text is still known. */
  findVersion(upstream: string, name: string, fingerprint: string): Promise<ToolDefinition | undefined>;
  /** Keeps what a session was shown otherwise than pinned. Durable when it resolves. */
  keepShown(shown: ShownOtherwise): Promise<void>;
  /** A tool as that session was shown it, where that is kept; its text may be forgotten. */
  findShown(
    upstream: string,
    viewer: string,
    name: string,
  ): Promise<{ readonly digest: string; readonly definition?: string } | undefined>;
  /** All tools that an upstream ever listed, as it listed them last, by name. */
  list(upstream: string): Promise<readonly (ToolDefinition & { readonly name: string })[]>;
  /** Keeps what a server says of itself: the members of its answer that say it. Durable when it resolves. */
  keepServer(upstream: string, server: ToolDefinition): Promise<void>;
  findServer(upstream: string): Promise<ToolDefinition | undefined>;
  /** All tools that were ever listed, by upstream and name. */
  names(): Promise<readonly { readonly upstream: string; readonly name: string }[]>;
}

/**
 * A task waits for people (`waiting`), then it runs at one gateway (`running`), which may end with a task of the server's
 * (`forwarded`). The other states are final; `lost` is a run of which the gateway ended.
 */
export type TaskState = 'waiting' | 'running' | 'forwarded' | 'completed' | 'failed' | 'cancelled' | 'lost';

/** A call that the gateway itself answers later. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface TaskRecord {
  readonly id: string;
  readonly principalId: string;
  readonly upstream: string;
  /** Of MCP. */
  readonly version: string;
  readonly state: TaskState;
  /** Missing where it needed none. */
  readonly approvalId?: string;
  /** The call, sealed. */
  readonly call: Uint8Array;
  /** What came of it, sealed: a result, an error, or the id of the server's task. */
  readonly outcome?: Uint8Array;
  /** While it runs: at which gateway. */
  readonly runner?: string;
  /** While it runs: until when that gateway has said to be there. */
  readonly aliveUntil?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** From then on there is no such task. */
  readonly expiresAt: number;
}

/** A task without its call; what came of it only where that names the server's task. */
export type ListedTask = Omit<TaskRecord, 'call'>;

/** How many tasks may be kept at once, and of how many bytes in all when another one comes. */
export interface TaskCaps {
  readonly perPrincipal: number;
  readonly bytesPerPrincipal: number;
  readonly all: number;
  readonly bytes: number;
}

/** Where tasks are kept; `store` implements it. Each method is atomic, whichever process it is called in. */
export interface TaskStore {
  /** Keeps a new task, durable when it resolves; or resolves to which of the caps is reached. */
  create(task: TaskRecord, caps: TaskCaps): Promise<keyof TaskCaps | undefined>;
  /** A task as it stands: one whose gateway is gone is `lost` by then. */
  find(id: string, now: number): Promise<TaskRecord | undefined>;
  /** A principal's, oldest first, as they stand. */
  list(
    of: Pick<TaskRecord, 'principalId' | 'upstream' | 'version'>,
    now: number,
  ): Promise<readonly ListedTask[]>;
  /** Marks that a waiting task runs from now on. @returns whether it does, and nowhere else */
  begin(
    id: string,
    by: { readonly runner: string; readonly aliveUntil: number },
    now: number,
  ): Promise<boolean>;
  /** @returns whether the task still runs at that gateway */
  keepAlive(id: string, by: { readonly runner: string; readonly aliveUntil: number }): Promise<boolean>;
  /** Keeps what came of a run. @returns whether it was still to be known: not after it was cancelled, lost or over */
  settle(
    id: string,
    runner: string,
    outcome: { readonly state: 'forwarded' | 'completed' | 'failed'; readonly sealed: Uint8Array },
    now: number,
  ): Promise<boolean>;
  /** @returns whether there was anything left to cancel */
  cancel(id: string, now: number): Promise<boolean>;
}

/** Somebody who is signed in to the approvers' page, as the store has it: who reads it learns nothing that signs them in. */
export interface PageSessionRecord {
  /** Of the cookie that only their browser has. */
  readonly digest: string;
  /** Equal for all sessions of one person; says nothing of who it is. */
  readonly person: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly until: number;
  /** Who it is, encrypted with what the gateways and the cookie have only together. */
  readonly sealed: string;
}

/** Where it is kept who is signed in to the page, at whichever gateway; `store` implements it. */
export interface PageSessionStore {
  /**
   * Keeps a session, in the place of the oldest ones where a bound is reached, and forgets those that were over at `now`
   * (milliseconds since 1970-01-01T00:00:00Z). Durable when it resolves.
   */
  begin(session: PageSessionRecord, bounds: { perPerson: number; inAll: number; now: number }): Promise<void>;
  find(digest: string): Promise<PageSessionRecord | undefined>;
  end(digest: string): Promise<void>;
}
