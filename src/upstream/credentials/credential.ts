import type { Permit } from '../../domain/index.js';

/** A request to an upstream, before it is sent. */
export interface Outgoing {
  readonly permit: Permit;
  readonly method: Permit['method'];
  /** The body byte for byte: the permit's own, or one member of its batch. */
  readonly body: Buffer | undefined;
}

/** How the gateway proves itself to one upstream. */
export interface Credential {
  /**
   * The headers that prove it for one request; never any of the caller's own.
   *
   * @param signal - ends the waiting, not the fetching, which others may wait for too
   * @throws UpstreamError `upstream_credential`, `upstream_timeout`: the request must not be sent
   */
  headersFor(outgoing: Outgoing, signal: AbortSignal): Promise<CredentialHeaders>;
  /**
   * The upstream answered 401 to these headers: they are not used again.
   *
   * @returns whether another try may have other headers
   */
  refused(headers: CredentialHeaders, outgoing: Outgoing): boolean;
  /** Ends what is under way. */
  close(): void;
}

export type CredentialHeaders = Readonly<Record<string, string>>;

/** A token as a request carries it (RFC 6750, section 2.1). */
export function bearer(token: string): CredentialHeaders {
  return { authorization: `Bearer ${token}` };
}
