import type { Connection } from './connection.js';
import { literalAt, type Mark, stringAt } from './envelope.js';
import type { PostedRequest } from './posted.js';
import { serverId } from './renaming.js';
import type { Reply } from './reply.js';

/** A request that a server has, or is about to get, and has not answered. */
export interface RequestUnderWay {
  readonly principalId: string;
  /** Whether it opens a subscription: its stream carries what names it, and nothing else. */
  readonly listens: boolean;
  readonly reply: Reply;
  readonly id: Renaming & { readonly key: string };
  /** That by which the server tells of its progress. */
  readonly token: Renaming | undefined;
  /** Where it went: undefined until the server may have it. */
  sentTo: Connection | undefined;
}

/** A value under the name that the server knows, and as its caller had written it. */
interface Renaming {
  readonly onServer: string;
  readonly literal: string;
}

/** @param lane - a number that no other request of the server ever had */
export function requestUnderWay(
  { text, method, id, progressToken }: PostedRequest,
  lane: number,
  principalId: string,
  reply: Reply,
): RequestUnderWay {
  const renaming = (mark: Mark): Renaming => {
    const literal = literalAt(text, mark);
    return { onServer: serverId(lane, literal), literal };
  };
  const token = progressToken && renaming(progressToken);
  const listens = method === 'subscriptions/listen';
  return { principalId, listens, reply, id: { ...renaming(id), key: id.key }, token, sentTo: undefined };
}

/** The requests that one server has not answered, by the names that it knows them by. */
export class UnderWay {
  readonly #byId = new Map<string, RequestUnderWay>();
  readonly #byToken = new Map<string, RequestUnderWay>();
  readonly #counts = new Map<string, number>();

  add(request: RequestUnderWay): void {
    this.#byId.set(request.id.onServer, request);
    if (request.token !== undefined) this.#byToken.set(request.token.onServer, request);
    this.#counts.set(request.principalId, this.countOf(request.principalId) + 1);
  }

  /** @returns whether it was under way */
  remove({ id, token, principalId }: RequestUnderWay): boolean {
    if (!this.#byId.delete(id.onServer)) return false;
    if (token !== undefined) this.#byToken.delete(token.onServer);
    const left = this.countOf(principalId) - 1;
    if (left === 0) this.#counts.delete(principalId);
    else this.#counts.set(principalId, left);
    return true;
  }

  countOf(principalId: string): number {
    return this.#counts.get(principalId) ?? 0;
  }

  /** The request of an id that stands in the server's text. */
  ofId(text: Buffer, id: Mark | undefined): RequestUnderWay | undefined {
    return this.#byId.get(stringAt(text, id) ?? '');
  }

  /** The request of a progress token that stands in the server's text. */
  ofToken(text: Buffer, token: Mark): RequestUnderWay | undefined {
    return this.#byToken.get(stringAt(text, token) ?? '');
  }

  /** The one request under way that is no subscription; undefined where there are several or none. */
  only(): RequestUnderWay | undefined {
    const [first, second] = [...this.#byId.values()].filter(({ listens }) => !listens);
    return second === undefined ? first : undefined;
  }

  /** Forgets all. */
  takeAll(): readonly RequestUnderWay[] {
    const all = [...this.#byId.values()];
    for (const request of all) this.remove(request);
    return all;
  }
}
