import type { Request } from 'express';
import type { ApprovalState } from '../../approvals/index.js';
import { RequestError } from './errors.js';

const STATES = ['pending', 'approved', 'denied', 'expired', 'spent'] as const satisfies ApprovalState[];
const MOST = 200;
const USUAL = 50;
const TEXT_CHARACTERS = 4096;

/** Which approvals are asked for. */
export interface Listing {
  readonly state?: ApprovalState;
  /** Principal id of whoever made the call. */
  readonly principal?: string;
  readonly upstream?: string;
  readonly tool?: string;
  readonly limit: number;
  /** What the page before named as its `next`. */
  readonly cursor?: number;
}

/**
 * Reads what a list is asked for by. A filter that is not known, or not understood, is an error: without it the list
 * would say more than was asked for.
 *
 * @throws {RequestError} `bad_request`
 */
export function listingOf({ query }: Request): Listing {
  const { state, limit, principal, upstream, tool, cursor, ...unknown } = query;
  mustBeKnown(unknown);
  return {
    ...(state !== undefined && { state: stateOf(state) }),
    ...texts({ principal, upstream, tool }),
    ...(cursor !== undefined && { cursor: cursorOf(cursor) }),
    limit: limit === undefined ? USUAL : limitOf(limit),
  };
}

/** Which deliveries are asked for. */
export interface DeliveryListing {
  readonly state?: 'waiting' | 'given_up';
  readonly limit: number;
  readonly cursor?: number;
}

/**
 * Reads what a list of deliveries is asked for by.
 *
 * @throws {RequestError} `bad_request`
 */
export function deliveryListingOf({ query }: Request): DeliveryListing {
  const { state, limit, cursor, ...unknown } = query;
  mustBeKnown(unknown);
  if (state !== undefined && state !== 'waiting' && state !== 'given_up')
    throw bad('`state` is waiting or given_up');
  return {
    ...(state !== undefined && { state }),
    ...(cursor !== undefined && { cursor: cursorOf(cursor) }),
    limit: limit === undefined ? USUAL : limitOf(limit),
  };
}

function mustBeKnown(unknown: object): void {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw bad(`${JSON.stringify(name.slice(0, 40))} is no parameter of this list`);
}

function stateOf(said: unknown): ApprovalState {
  const state = STATES.find((known) => known === said);
  if (state === undefined) throw bad(`\`state\` is one of ${STATES.join(', ')}`);
  return state;
}

function limitOf(said: unknown): number {
  const limit = typeof said === 'string' && /^\d{1,3}$/.test(said) ? Number(said) : 0;
  if (limit < 1 || limit > MOST) throw bad(`\`limit\` is a number from 1 to ${MOST}`);
  return limit;
}

function cursorOf(said: unknown): number {
  if (typeof said === 'string' && /^\d{1,15}$/.test(said)) return Number(said);
  throw bad('`cursor` is the `next` of the page before');
}

function texts(said: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (typeof value === 'string' && value !== '' && value.length <= TEXT_CHARACTERS) return [name, value];
      throw bad(`\`${name}\` stands once, and is a text of at most ${TEXT_CHARACTERS} characters`);
    }),
  );
}

function bad(message: string): RequestError {
  return new RequestError('bad_request', message, 'Look it up in /api/openapi.json.');
}
