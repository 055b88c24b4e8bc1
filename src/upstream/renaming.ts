/**
 * Ids and tokens on a server that several clients share and that believes to have one: each is a string there that
 * carries the number of its lane, which is a session's or a request's, before its own text.
 */
import { type Envelope, literalAt, type Mark, type Span, splice, stringAt } from './envelope.js';

/** Whose an id or a token is that the server sent back, and how the client had written it. */
export interface Renamed {
  readonly lane: number;
  readonly literal: string;
}

/** A client's message as the server gets it: its id, its progress token and what it cancels carry the lane's number. */
export function outward(text: Buffer, { id, progressToken, cancels }: Envelope, lane: number): Buffer {
  const marks = [id, progressToken, cancels].filter((mark) => mark !== undefined);
  return splice(
    text,
    marks.map((mark): readonly [Span, string] => [
      mark,
      JSON.stringify(serverId(lane, literalAt(text, mark))),
    ]),
  );
}

/** A client's id or token, given as its JSON, as the server gets it. */
export function serverId(lane: number, literal: string): string {
  return `${lane}:${literal}`;
}

/** What an id or a token is that the server sent back; undefined where it is none that it was sent. */
export function renamedAt(text: Buffer, mark: Mark): Renamed | undefined {
  const value = stringAt(text, mark) ?? '';
  const colon = value.indexOf(':');
  return colon > 0 ? { lane: Number(value.slice(0, colon)), literal: value.slice(colon + 1) } : undefined;
}
