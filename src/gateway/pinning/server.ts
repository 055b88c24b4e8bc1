import type { JsonDocument, JsonNode } from '../../domain/index.js';
import type { AdvertisedServer } from '../../policy/index.js';
import type { ToolDefinition } from '../store.js';
import { serverMembers, serverParts, sha256 } from './fingerprint.js';
import { textSuspicions } from './text-suspicions.js';

/** What is known of what a server says of itself, in the result of `initialize` or `server/discover`. */
export function describeServer(document: JsonDocument, result: JsonNode): AdvertisedServer {
  const instructions = document.member(result, 'instructions');
  return {
    parts: serverParts(document, result),
    suspicions: instructions === undefined ? [] : textSuspicions(document, instructions),
  };
}

/** The members of the result that say it, as they were sent. */
export function serverDefinition(document: JsonDocument, result: JsonNode): ToolDefinition {
  const { info, instructions } = serverMembers(document, result);
  const members = [
    ...(info === undefined ? [] : [`"serverInfo":${document.text(info)}`]),
    ...(instructions === undefined ? [] : [`"instructions":${document.text(instructions)}`]),
  ];
  const definition = `{${members}}`;
  return { digest: sha256(definition), definition };
}
