import { json, type NextFunction, type Request, type Response, Router } from 'express';
import { type JsonObject, type Principal, RegateError, type Revocation } from '../domain/index.js';
import {
  IdentityError,
  isRevocationRequest,
  type KeptRevocation,
  matches,
  matchOf,
  type NewRevocation,
  RevocationError,
  type RevocationErrorCode,
  type RevocationRequest,
  revocationError,
  revocationEvent,
} from '../identity/index.js';
import { mustBeForGateway } from './audience.js';
import { identifyCaller, schemeOf } from './caller.js';
import { checkHost } from './connect.js';
import type { RevocationParts } from './live.js';
import { challenge } from './metadata.js';
import type { GatewayParts } from './parts.js';
import { GatewayError, refusalOf } from './refusal.js';

const STATUS = {
  malformed: 400,
  not_permitted: 403,
  issuer_unknown: 400,
  of_yourself: 409,
  not_found: 404,
  of_bundle: 409,
  too_many: 507,
  revocations_unavailable: 503,
} as const satisfies Record<RevocationErrorCode, number>;

const PAGE = { usual: 100, most: 1_000 } as const;

/** What came of a call: its status and its body. */
interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/**
 * The HTTP API for those who may revoke, below `/api/revocations`: every call needs a token of a member of one of their
 * groups.
 */
export function revocationsApi(parts: GatewayParts, revocation: RevocationParts): Router {
  const router = Router();
  const route =
    (handler: (caller: Principal, request: Request) => Promise<Answer>) =>
    async (request: Request, response: Response) => {
      try {
        checkHost(request, parts.settings);
        const caller = await identifyCaller(parts, request, response);
        mustBeForGateway(parts.settings, caller);
        const { status, body } = await handler(caller, request);
        response.status(status).json(body);
      } catch (thrown) {
        respondError(parts, request, response, thrown);
      }
    };

  router.get(
    '/',
    route(async (caller, request) => {
      mustBePermitted(revocation, caller);
      return { status: 200, body: page(revocation, request) };
    }),
  );
  router.post(
    '/',
    json({ limit: '64kb' }),
    route((caller, request) => revoke(parts, revocation, caller, request.body)),
  );
  router.delete(
    '/:id',
    route((caller, request) => lift(parts, revocation, caller, String(request.params['id']))),
  );
  router.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    parts.log.info('a revocation could not be read', { detail: refusalOf(thrown).detail });
    respondError(
      parts,
      request,
      response,
      revocationError('malformed', 'the body is no JSON of at most 64 KB'),
    );
  });
  return router;
}

async function revoke(
  parts: GatewayParts,
  { desk, groups }: RevocationParts,
  caller: Principal,
  body: unknown,
): Promise<Answer> {
  if (!isPermitted(groups, caller)) {
    if (isRevocationRequest(body)) {
      const wanted = { id: 'none', match: matchOf(body), reason: body.reason, source: 'operator' } as const;
      await parts.audit.append(revocationEvent('refused', wanted, caller.id));
    }
    throw notPermitted();
  }
  if (!isRevocationRequest(body))
    throw revocationError('malformed', `the revocation is malformed: ${isRevocationRequest.problem('it')}`);
  const revocation = newRevocation(parts, caller, body);
  if (body.force !== true && matches(revocation.match, caller))
    throw revocationError('of_yourself', 'this would revoke the credential that you are using');
  const same = sameInForce(desk.revocations.all(), revocation);
  if (same !== undefined) return { status: 200, body: shownAs(same) };
  return { status: 201, body: shownAs((await desk.revoke(revocation)).revocation) };
}

/** @throws RevocationError `malformed`, `issuer_unknown` */
function newRevocation(parts: GatewayParts, caller: Principal, request: RevocationRequest): NewRevocation {
  const { reason, duration_seconds: seconds } = request;
  return {
    match: matchOf({ ...request, ...issuerOf(parts, request) }),
    reason,
    source: 'operator',
    ...(seconds !== undefined && { expires_at: new Date(Date.now() + seconds * 1000).toISOString() }),
    made_by: caller.id,
  };
}

/** A subject is one of its issuer's; where there is only one it is clear which. One that is misspelt would match nobody. */
function issuerOf({ settings: { issuers } }: GatewayParts, { issuer, subject }: RevocationRequest) {
  if (issuer !== undefined) {
    if (issuers.includes(issuer)) return { issuer };
    throw revocationError('issuer_unknown', 'this issuer is not configured, so that it would match nobody');
  }
  if (subject === undefined) return {};
  const [only] = issuers;
  if (only !== undefined && issuers.length === 1) return { issuer: only };
  throw revocationError('malformed', 'several issuers are configured: say whose subject it is, by `issuer`');
}

/** A request that is sent again, because its answer was lost, makes no second revocation. */
function sameInForce(all: Iterable<Revocation>, wanted: Pick<NewRevocation, 'match' | 'expires_at'>) {
  const match = JSON.stringify(wanted.match);
  for (const revocation of all) {
    const isLongEnough =
      revocation.expires_at === undefined ||
      (wanted.expires_at !== undefined && wanted.expires_at <= revocation.expires_at);
    if (revocation.source === 'operator' && isLongEnough && JSON.stringify(revocation.match) === match)
      return revocation;
  }
  return undefined;
}

async function lift(
  parts: GatewayParts,
  { desk, groups }: RevocationParts,
  caller: Principal,
  id: string,
): Promise<Answer> {
  if (!isPermitted(groups, caller)) {
    const named = desk.revocations.kept(id) ?? desk.revocations.ofBundle(id);
    if (named !== undefined) await parts.audit.append(revocationEvent('refused', named, caller.id));
    throw notPermitted();
  }
  return { status: 200, body: shownAs(await desk.lift(id, caller.id)) };
}

function mustBePermitted({ groups }: RevocationParts, caller: Principal): void {
  if (!isPermitted(groups, caller)) throw notPermitted();
}

function isPermitted(groups: readonly string[], caller: Principal): boolean {
  return groups.some((group) => caller.groups.includes(group));
}

function notPermitted(): RevocationError {
  return revocationError('not_permitted', 'you are in none of the groups that may revoke');
}

/** Those in force, oldest first, after the one that `after` names; `next` is to be given as `after` for those that follow. */
function page({ desk }: RevocationParts, { query }: Request): JsonObject {
  const { limit, after } = query;
  const most = limit === undefined ? PAGE.usual : Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > PAGE.most)
    throw revocationError('malformed', `\`limit\` is a whole number up to ${PAGE.most}`);
  const revocations: JsonObject[] = [];
  let isBehind = after === undefined;
  for (const revocation of desk.revocations.all()) {
    if (!isBehind) isBehind = revocation.id === after;
    else if (revocations.length < most) revocations.push(shownAs(revocation));
    else return { revocations, next: String(revocations.at(-1)?.['id']) };
  }
  return { revocations };
}

/** A revocation as JSON, in the names of the API. */
function shownAs(revocation: Revocation | KeptRevocation): JsonObject {
  const { id, match, reason, source, expires_at } = revocation;
  const { claims } = match;
  return {
    id,
    match: { ...match, ...(claims !== undefined && { claims: claims.map((claim) => ({ ...claim })) }) },
    reason,
    source,
    ...(expires_at !== undefined && { expires_at }),
    ...('made_by' in revocation && { made_by: revocation.made_by, made_at: revocation.made_at }),
  };
}

function respondError(parts: GatewayParts, request: Request, response: Response, thrown: unknown): void {
  const refusal = refusalOf(thrown);
  const status = statusOf(thrown, refusal.httpStatus);
  if (status >= 500)
    parts.log.error('a revocations call failed', { code: refusal.code, detail: refusal.detail });
  const isOwn = thrown instanceof RegateError && status < 500;
  const message = thrown instanceof RevocationError ? thrown.message : refusal.message;
  const next_step = isOwn ? thrown.nextStep : 'Look at the log of the gateway.';
  if (status === 401)
    response.setHeader('WWW-Authenticate', challenge(parts, undefined, refusal, schemeOf(request)));
  response.status(status).json({ error: { code: refusal.code, message, next_step } });
}

function statusOf(thrown: unknown, otherwise: number): number {
  if (thrown instanceof RevocationError) return STATUS[thrown.code];
  return thrown instanceof IdentityError || thrown instanceof GatewayError ? otherwise : 500;
}
