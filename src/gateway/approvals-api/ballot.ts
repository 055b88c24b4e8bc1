import type { Request, Response } from 'express';
import { shapeCheck } from '../../domain/index.js';
import { readJson } from '../../protocol/index.js';
import { readBody } from '../connect.js';
import type { GatewayParts } from '../parts.js';
import { RequestError } from './errors.js';

/** Room for a note and for arguments as long as the audit and the page can reasonably show. */
const BODY_BYTES = 262_144;
const BODY_DEPTH = 8;

/** What a vote's body may say; all of it is optional. */
export interface BallotBody {
  readonly note?: string;
  /** JSON of an object, as a text: the arguments with which the call may run instead. */
  readonly arguments?: string;
  readonly break_glass?: boolean;
}

const NOTE = { type: 'string', maxLength: 2000 } as const;
const isDenial = shapeCheck<BallotBody>({
  type: 'object',
  additionalProperties: false,
  properties: { note: NOTE },
});
const isApproving = shapeCheck<BallotBody>({
  type: 'object',
  additionalProperties: false,
  properties: { note: NOTE, arguments: { type: 'string' }, break_glass: { type: 'boolean' } },
});

/**
 * Reads a vote's body; there may be none.
 *
 * @throws {RequestError} `bad_request`
 * @throws GatewayError `media_type`, `content_encoding`, `body_too_big`, `body_broken`
 * @throws ProtocolError where it, or the arguments in it, are no strict JSON
 */
export async function readBallot(
  verdict: 'approve' | 'deny',
  request: Request,
  response: Response,
  { settings }: GatewayParts,
): Promise<BallotBody> {
  if (
    request.headers['transfer-encoding'] === undefined &&
    Number(request.headers['content-length'] ?? 0) === 0
  )
    return {};
  const document = readJson(await readBody(request, response, BODY_BYTES), { maxDepth: BODY_DEPTH });
  const body: unknown = JSON.parse(document.text(document.root));
  const isBody = verdict === 'approve' ? isApproving : isDenial;
  if (!isBody(body)) throw bad(isBody.problem('body'));
  if (body.arguments !== undefined) mustBeObject(body.arguments, settings.limits.depth);
  return body;
}

function mustBeObject(text: string, maxDepth: number): void {
  const document = readJson(Buffer.from(text), { maxDepth });
  if (document.kind(document.root) !== 'object') throw bad('body/arguments is the text of a JSON object');
}

function bad(message: string): RequestError {
  return new RequestError('bad_request', message, 'Look it up in /api/openapi.json.');
}
