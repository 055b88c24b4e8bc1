import type { Decision, JsonDocument, MaskObligation, RecordedInput } from '../domain/index.js';
import { describeThrown } from '../domain/index.js';
import { carryOut, findSensitive, hidingMasks } from '../masking/index.js';
import { inputBytes, type PolicyInput } from '../policy/index.js';
import { readJson } from '../protocol/index.js';
import type { GatewayParts } from './parts.js';

/** Larger documents are not kept: an audit is read more often than it is replayed. */
const LARGEST_BYTES = 1024 * 1024;
/** How much deeper a message, or the params of its request, lies in the document than by itself. */
const DEEPER = 2;
/** What tells one kind of message from another. Where a mask takes it, what is left is another message's input. */
const FRAME: readonly (readonly string[])[] = [
  ['direction'],
  ['kind'],
  ['time'],
  ['session', 'protocol_version'],
  ['message', 'jsonrpc'],
  ['message', 'method'],
  ['request', 'method'],
];

/**
 * What a decision's event keeps of what policy was shown: as much as is configured, or nothing where the document is
 * too large or its sensitive values cannot be replaced for certain. Whatever happens here, the decision stands.
 *
 * @param decision with the masks that are carried out on the message
 */
export function recordInput(
  { settings, hashKey, log }: Pick<GatewayParts, 'settings' | 'hashKey' | 'log'>,
  input: PolicyInput,
  decision: Decision,
): RecordedInput | undefined {
  if (settings.decisionInputs === 'omitted' || input.message.bytes.length > LARGEST_BYTES) return undefined;
  try {
    const bytes = inputBytes(input);
    if (bytes.length > LARGEST_BYTES) return undefined;
    if (settings.decisionInputs === 'whole') return { state: 'whole', json: bytes.toString('utf8') };
    return maskedInput(readJson(bytes, { maxDepth: settings.limits.depth + DEEPER }), decision, hashKey);
  } catch (thrown) {
    log.warn('what policy was shown is not kept', { detail: describeThrown(thrown) });
    return undefined;
  }
}

/** @throws MaskingError, ProtocolError */
function maskedInput(document: JsonDocument, decision: Decision, hashKey: Buffer): RecordedInput | undefined {
  const mask = [...hidingMasks(decision.mask).map(inDocument), ...findSensitive(document).map(hiding)];
  const { bytes } = carryOut(document, { ...decision, mask }, { hashKey });
  if (bytes === document.bytes) return { state: 'whole', json: bytes.toString('utf8') };
  const masked = readJson(bytes, { maxDepth: Number.POSITIVE_INFINITY });
  if (!sameFrame(document, masked) || findSensitive(masked).length > 0) return undefined;
  return { state: 'masked', json: bytes.toString('utf8') };
}

/** A mask of the message, on the document that the message is in. Nothing of the value stays, whatever the mask leaves. */
function inDocument({ path, match }: MaskObligation): MaskObligation {
  return { path: `/message${path}`, with: 'redact', ...(match !== undefined && { match }) };
}

function hiding({ path, detector }: { readonly path: string; readonly detector: string }): MaskObligation {
  return { path, with: 'redact', match: { detector } };
}

function sameFrame(document: JsonDocument, masked: JsonDocument): boolean {
  return (
    namesIn(document) === namesIn(masked) &&
    FRAME.every((place) => textAt(document, place) === textAt(masked, place))
  );
}

function namesIn(document: JsonDocument): string {
  return [...document.members(document.root)].map(([name]) => document.text(name)).join();
}

function textAt(document: JsonDocument, place: readonly string[]): string | undefined {
  const node = document.at(...place);
  return node === undefined ? undefined : document.text(node);
}
