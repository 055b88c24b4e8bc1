import type { Answer, Permit } from '../domain/index.js';

/** A way to reach one MCP server. */
export interface Upstream {
  readonly name: string;
  /**
   * Sends what a permit allows and resolves when the answer's headers are there.
   *
   * @param signal - aborted when the caller is gone; ends the upstream's request at whatever point it is
   * @throws UpstreamError `upstream_unreachable`, `upstream_timeout`, `upstream_full`, `upstream_credential`; where the
   *   road itself reads what the server says, `upstream_broke_off` and `upstream_answer_invalid` too
   */
  forward(permit: Permit, signal: AbortSignal): Promise<Answer>;
  /** Lets go of the server; resolves when no connection and no process of it is left. */
  close(): Promise<void>;
}
