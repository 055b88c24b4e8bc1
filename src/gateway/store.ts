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

/** Where it is kept what upstreams list; `store` implements it. */
export interface ToolStore {
  /** Keeps the tools of one list, by their names. Durable when it resolves. */
  keep(upstream: string, tools: ReadonlyMap<string, ToolDefinition>): Promise<void>;
  find(upstream: string, name: string): Promise<ToolDefinition | undefined>;
}
