import { isPublished, PUBLISHED_BYTES, type Published } from './published.js';
import { callServerForJson } from './server-call.js';

/** What to promote, and where to. */
export interface PromoteRequest {
  /** The bundle's address, `https://…/bundles/NAME`. */
  readonly url: string;
  /** The channel whose current revision is promoted. */
  readonly from: string;
  /** The channel that it becomes the current one of. */
  readonly to: string;
  /** The revision that it must be, `sha256:…`; without it whichever it is. */
  readonly digest?: string;
  /** How many decisions must have been compared in shadow, all alike; the server may demand more. */
  readonly shadowDecisions?: number;
  /** A bearer token of a principal that may publish to that channel. */
  readonly token: string;
}

/**
 * Makes what is current in one channel current in another, the same archive.
 *
 * @throws BundleError `promotion_refused` with the server's reason, `unreachable`
 */
export async function promoteBundle(request: PromoteRequest): Promise<Published> {
  const { url, from, to, digest, shadowDecisions, token } = request;
  const body = JSON.stringify({ from, digest, shadow_decisions: shadowDecisions });
  return callServerForJson(
    {
      url,
      path: `/channels/${encodeURIComponent(to)}/promotion`,
      method: 'POST',
      token,
      body: { type: 'application/json', bytes: Buffer.from(body) },
      answerBytes: PUBLISHED_BYTES,
      refusal: 'promotion_refused',
    },
    isPublished,
  );
}
