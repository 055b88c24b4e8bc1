import type { JsonDocument, ProtocolVersion } from '../../domain/index.js';
import { ProtocolError } from '../error.js';
import { type JsonBounds, readJson } from '../json/reader.js';
import { idToAnswer } from './request-id.js';

/** The one version of MCP that has batches (MCP 2025-03-26, base protocol, batching). */
const BATCHING = '2025-03-26' satisfies ProtocolVersion;

/** One request may not make the gateway judge and record without end. */
const MOST_MEMBERS = 100;

/**
 * Takes a document that is an array apart into its members, each a document over exactly its own bytes. Whether each
 * is a message is not looked at: one that is none is an error of its own, and no other's (JSON-RPC 2.0, section 6).
 *
 * @throws ProtocolError batch
 */
export function decodeBatch(
  document: JsonDocument,
  version: ProtocolVersion,
  bounds: JsonBounds,
): readonly JsonDocument[] {
  if (version !== BATCHING) refuse('this version of MCP has no batches');
  const nodes = [...document.elements(document.root)];
  if (nodes.length === 0) refuse('a batch has at least one member');
  if (nodes.length > MOST_MEMBERS) refuse(`a batch has at most ${MOST_MEMBERS} members`);
  const members = nodes.map((node) => readJson(document.slice(node), bounds));
  if (members.some(isInitialize)) refuse('initialize may not be part of a batch');
  mustDiffer(members.map((member) => idToAnswer(member)?.key));
  return members;
}

/** Before it was answered there is no version agreed on, and so no batch (MCP 2025-03-26, lifecycle). */
function isInitialize(member: JsonDocument): boolean {
  const method = member.at('method');
  return method !== undefined && member.kind(method) === 'string' && member.string(method) === 'initialize';
}

/** Of two requests with one id nobody could say which one an answer is for. */
function mustDiffer(keys: readonly (string | undefined)[]): void {
  const ids = keys.filter((key) => key !== undefined);
  if (new Set(ids).size < ids.length) refuse('two requests of the batch have the same id');
}

function refuse(what: string): never {
  throw new ProtocolError('batch', what);
}
