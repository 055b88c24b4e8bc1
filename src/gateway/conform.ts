import type { Arrival, Message } from '../domain/index.js';
import { mayTravel, mustFit, mustMirror } from '../protocol/index.js';
import type { Session } from './sessions.js';

/**
 * Holds a caller's message to the rules of the version of MCP in force: what its headers repeat is true, its method is
 * one that a client may send, and it fits the schema. Whether an answer fits can be said when it is known what it
 * answers.
 *
 * @throws ProtocolError
 */
export function mustConform(message: Message, headers: Arrival['headers'], session: Session): void {
  const version = session.protocol_version;
  mustMirror(message, headers, version);
  mayTravel(message, 'to_server', version);
  mustFit(message, version, undefined);
}
