import { ProtocolError } from '../error.js';

/** Throws for bytes that break JSON's grammar at an offset. */
export function refuseGrammar(bytes: Buffer, at: number): never {
  const what =
    at < bytes.length ? 'the JSON text has a byte that may not stand there,' : 'the JSON text breaks off';
  throw new ProtocolError('not_json', what, at);
}
