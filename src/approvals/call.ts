import { createHash } from 'node:crypto';
import type { JsonDocument, JsonNode, Principal } from '../domain/index.js';
import { canonicalText } from './canonical.js';

/** One exact call: who calls what, where, with which arguments. Made by {@link bindCall}. */
export interface BoundCall {
  readonly principalId: string;
  /** The upstream's name. */
  readonly upstream: string;
  readonly method: string;
  /** The tool that is called and the digest of the definition its server gave of it. */
  readonly tool?: CalledTool;
  /** `sha256:` and the hex digest of the params' canonical text. */
  readonly argumentsDigest: string;
  /** `sha256:` and the hex digest of all of the above: equal exactly for the same call. */
  readonly digest: string;
}

export interface CalledTool {
  readonly name: string;
  readonly digest?: string;
}

/** A request as policy judged it. */
export interface CallToBind {
  readonly principal: Principal;
  readonly upstream: string;
  readonly method: string;
  readonly tool?: CalledTool;
  readonly document: JsonDocument;
  /** Where the request's params stand in the document. */
  readonly params: JsonNode | undefined;
  /** Members of the params, beside `_meta`, that are no part of what is approved. */
  readonly leftOut?: readonly string[];
}

/**
 * Binds a request to what an approval of it may be used for.
 *
 * The params' `_meta` is left out: it carries progress tokens and the approval's own id, which differ when the call
 * comes back. For the same reason no params are the same as empty ones.
 */
export function bindCall({
  principal,
  upstream,
  method,
  tool,
  document,
  params,
  leftOut = [],
}: CallToBind): BoundCall {
  const canonical = params === undefined ? '{}' : canonicalText(document, params, ['_meta', ...leftOut]);
  const argumentsDigest = sha256(canonical);
  const toolParts = [tool?.name ?? null, tool?.digest ?? null];
  return {
    principalId: principal.id,
    upstream,
    method,
    ...(tool && { tool }),
    argumentsDigest,
    // A JSON array keeps the parts apart, whatever characters they hold.
    digest: sha256(JSON.stringify([principal.id, upstream, method, ...toolParts, argumentsDigest])),
  };
}

/**
 * What an approval of a call is good for, as one digest: this very call, or all calls of a class of the same principal to
 * the same tool.
 */
export function scopeOf(
  { principalId, upstream, method, tool, digest }: BoundCall,
  className?: string,
): string {
  if (className === undefined) return digest;
  const toolParts = [tool?.name ?? null, tool?.digest ?? null];
  return sha256(JSON.stringify(['class', principalId, upstream, method, ...toolParts, className]));
}

/** `sha256:` and the hex digest of a text. */
export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
