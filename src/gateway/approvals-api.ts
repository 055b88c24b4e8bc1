import { json, type Request, type Response, Router } from 'express';
import { type Approval, ApprovalsError, type ApprovalsErrorCode } from '../approvals/index.js';
import { type JsonObject, type Principal, RegateError } from '../domain/index.js';
import { IdentityError } from '../identity/index.js';
import { identifyCaller, schemeOf } from './caller.js';
import { checkHost } from './connect.js';
import { challenge } from './metadata.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, refusalOf } from './refusal.js';

/** What an approver can get wrong, as HTTP says it. */
const STATUS: Partial<Record<ApprovalsErrorCode, number>> = {
  not_found: 404,
  not_permitted: 403,
  own_request: 403,
  already_voted: 409,
  not_pending: 409,
  expired: 410,
};

/** The HTTP API for approvers, below `/api/approvals`; every call needs a token, as an MCP message does. */
export function approvalsApi(parts: GatewayParts): Router {
  const router = Router();
  const route =
    (handler: (principal: Principal, request: Request) => Promise<JsonObject>) =>
    async (request: Request, response: Response) => {
      try {
        checkHost(request, parts.settings);
        const principal = await identifyCaller(parts, request, response);
        response.json(await handler(principal, request));
      } catch (thrown) {
        respondError(parts, request, response, thrown);
      }
    };

  router.get(
    '/',
    route(async (principal, request) => {
      const { state } = request.query;
      const approvals = await parts.approvals.list({
        limit: 200,
        ...(typeof state === 'string' && isState(state) && { state }),
      });
      return { approvals: approvals.filter((approval) => mayRead(principal, approval)).map(shownAs) };
    }),
  );
  router.get(
    '/:id',
    route(async (principal, request) =>
      shownAs(await readable(parts, principal, String(request.params['id']))),
    ),
  );
  for (const verdict of ['approve', 'deny'] as const) {
    router.post(
      `/:id/${verdict}`,
      json({ limit: '16kb' }),
      route(async (principal, request) => {
        const approval = await readable(parts, principal, String(request.params['id']));
        return shownAs(await parts.approvals.vote(approval.id, principal, verdict, noteOf(request.body)));
      }),
    );
  }
  return router;
}

/** An approval can be seen by whoever may decide on it and by whoever asked for it; to anyone else it is not there. */
function mayRead(principal: Principal, approval: Approval): boolean {
  const mayDecide = approval.requirement.groups.some((group) => principal.groups.includes(group));
  return mayDecide || approval.call.principalId === principal.id;
}

async function readable(parts: GatewayParts, principal: Principal, id: string): Promise<Approval> {
  const approval = await parts.approvals.show(id);
  if (mayRead(principal, approval)) return approval;
  throw new ApprovalsError(
    'not_found',
    `there is no approval ${JSON.stringify(id)} for you`,
    'List yours: regate approvals list',
  );
}

function isState(state: string): state is Approval['state'] {
  return ['pending', 'approved', 'denied', 'expired', 'spent'].includes(state);
}

function noteOf(body: unknown): string | undefined {
  const note = typeof body === 'object' && body !== null && 'note' in body ? body.note : undefined;
  return typeof note === 'string' ? note : undefined;
}

/** An approval as JSON, in the names of the API. */
function shownAs(approval: Approval): JsonObject {
  const { call, requirement, shown } = approval;
  return {
    id: approval.id,
    state: approval.state,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    principal: call.principalId,
    upstream: call.upstream,
    method: call.method,
    ...(call.tool !== undefined && { tool: call.tool.name }),
    arguments: shown.arguments,
    arguments_digest: call.argumentsDigest,
    reasons: shown.reasons.map(({ policy, code, message }) => ({ policy, code, message })),
    groups: requirement.groups,
    quorum: requirement.quorum,
    votes: approval.votes.map(({ voter, verdict, votedAt, note }) => ({
      voter,
      verdict,
      at: votedAt,
      ...(note !== undefined && { note }),
    })),
    ...(approval.spentAt !== undefined && { spent_at: approval.spentAt }),
  };
}

function respondError(parts: GatewayParts, request: Request, response: Response, thrown: unknown): void {
  const refusal = refusalOf(thrown);
  const known = thrown instanceof ApprovalsError ? STATUS[thrown.code] : undefined;
  const status =
    known ?? (thrown instanceof IdentityError || thrown instanceof GatewayError ? refusal.httpStatus : 500);
  if (status >= 500)
    parts.log.error('an approvals call failed', { code: refusal.code, detail: refusal.detail });
  const nextStep =
    thrown instanceof RegateError && status < 500 ? thrown.nextStep : 'Look at the log of the gateway.';
  if (status === 401) {
    const value = challenge(parts, undefined, refusal, schemeOf(request));
    response.setHeader('WWW-Authenticate', value);
  }
  response
    .status(status)
    .json({ error: { code: refusal.code, message: refusal.message, next_step: nextStep } });
}
