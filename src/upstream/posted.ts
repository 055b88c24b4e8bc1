import { CorridorError } from '../domain/index.js';
import { type Envelope, type Mark, readEnvelope } from './envelope.js';

/** A message as it is sent. */
export interface Posted extends Envelope {
  readonly text: Buffer;
}

export type PostedRequest = Posted & { readonly id: Mark };

/** What is posted was decoded before: it is one JSON object. */
export function readPosted(text: Buffer): Posted {
  const envelope = readEnvelope(text);
  if (envelope === undefined) throw new CorridorError('a permit carries what is no message');
  return { ...envelope, text };
}
