export { JSON_RPC_CODE, ProtocolError, type ProtocolErrorCode } from './error.js';
export { withMember, withoutMembers, withValue } from './json/edit.js';
export { DEFAULT_JSON_BOUNDS, type JsonBounds, readJson } from './json/reader.js';
export { decodeBatch } from './jsonrpc/batch.js';
export {
  type ClientAbilities,
  clientAbilities,
  memberAt,
  paramText,
  progressToken,
} from './jsonrpc/client-abilities.js';
export { decodeMessage } from './jsonrpc/envelope.js';
export { errorMessage } from './jsonrpc/error-message.js';
export { notificationMessage, progressMessage, resultMessage } from './jsonrpc/own-messages.js';
export {
  type InitializeParams,
  initializeParams,
  namedTasks,
  type ToolCall,
  toolCall,
} from './jsonrpc/params.js';
export { cancelledId, idToAnswer } from './jsonrpc/request-id.js';
export { type RequestMeta, requestMeta } from './jsonrpc/request-meta.js';
export { METHODS, type MethodRule, mayTravel, methodRule, UNLISTED } from './methods.js';
export { type MirroredArgument, mirroredArguments, mustMirrorArguments } from './mirrored-arguments.js';
export { encodedHeader, mustMirror } from './mirrored-headers.js';
export { mustFit } from './schema/fit.js';
export type { SseEvent } from './sse/event.js';
export { type SseLimits, SseReader } from './sse/reader.js';
export { eventWithData } from './sse/write.js';
export {
  knownVersion,
  type VersionEvidence,
  versionInForce,
} from './versions.js';
