import {
  type ApprovalRequirement,
  type ProtocolVersion,
  type RequestMessage,
  type SessionIdentity,
  STATELESS,
  type WaitStyle,
} from '../../domain/index.js';
import { clientAbilities } from '../../protocol/index.js';
import type { Caller } from '../hold.js';
import type { GatewayParts } from '../parts.js';
import { findAbilities } from '../sessions.js';
import { isRoundTrip } from './comeback.js';

/** What a caller can do while its call waits. */
export interface Waiter {
  /** Whether its HTTP request carries this call only. */
  readonly alone: boolean;
  /** Whether it can take a person to a page. */
  readonly elicitsByUrl: boolean;
  /** Whether its version has the error that sends somebody there. */
  readonly knowsVisits: boolean;
  /** Whether it may be asked to come again (MCP 2026-07-28, multi round-trip requests, supported requests). */
  readonly comesAgain: boolean;
  /** Whether its call may become a task: it asks for one, or its client polls such as it did not ask for. */
  readonly takesTasks: boolean;
  /** Whether it asks for one. */
  readonly asksForTask: boolean;
}

/** The one version that has the error -32042. */
const WITH_VISITS: ProtocolVersion = '2025-11-25';

/** The requests that may be answered with `input_required`. */
const WITH_ROUND_TRIPS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/**
 * What policy gets that names no styles: an answer at once, with the page where the caller can show it to somebody. Who asks
 * for a task gets one.
 */
const AT_ONCE: readonly WaitStyle[] = ['input_required', 'url_elicitation', 'return'];

/**
 * What a caller can do, by its version of MCP and by what it said of itself.
 *
 * @param of - `caller` is undefined for a member of a batch
 */
export async function waiterOf(
  parts: GatewayParts,
  session: SessionIdentity,
  request: RequestMessage,
  { upstream, caller }: { readonly upstream: string; readonly caller: Caller | undefined },
): Promise<Waiter> {
  const stateless = session.protocol_version === STATELESS;
  const abilities = stateless
    ? clientAbilities(request)
    : await findAbilities(parts.sessions, upstream, session);
  const asksForTask = caller?.asked !== undefined;
  return {
    alone: caller !== undefined,
    elicitsByUrl: abilities.elicitsByUrl && parts.page !== undefined,
    knowsVisits: session.protocol_version === WITH_VISITS,
    // A call that is part of a round trip with its upstream has no room for another.
    comesAgain: stateless && WITH_ROUND_TRIPS.has(request.method) && !isRoundTrip(request),
    takesTasks:
      asksForTask || (abilities.takesTasks && request.method === 'tools/call' && !isRoundTrip(request)),
    asksForTask,
  };
}

/** The first style that policy names and the caller can do; `return` where it can do none. */
export function styleFor({ wait }: ApprovalRequirement, waiter: Waiter): WaitStyle {
  if (wait === undefined && can(waiter, 'task') && waiter.asksForTask) return 'task';
  const styles = wait?.styles ?? AT_ONCE;
  for (const style of styles) {
    // Whoever can show no page is asked to come again only where policy names it: it would only ask, again and again.
    if (style === 'input_required' && wait === undefined && !waiter.elicitsByUrl) continue;
    if (can(waiter, style)) return style;
  }
  return 'return';
}

function can(
  { alone, elicitsByUrl, knowsVisits, comesAgain, takesTasks }: Waiter,
  style: WaitStyle,
): boolean {
  switch (style) {
    case 'return':
      return true;
    case 'hold':
      return alone;
    case 'input_required':
      return alone && comesAgain;
    case 'url_elicitation':
      return alone && knowsVisits && elicitsByUrl;
    case 'task':
      return alone && takesTasks;
  }
}
