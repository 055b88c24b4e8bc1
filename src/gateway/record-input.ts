import type {
  Decision,
  FactSource,
  JsonDocument,
  MaskObligation,
  Received,
  RecordedInput,
} from '../domain/index.js';
import { describeThrown } from '../domain/index.js';
import {
  carryOut,
  findSensitive,
  hidingMasks,
  type Obligations,
  type StreamMemory,
} from '../masking/index.js';
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
/** What policy masks in each request, by its document: an answer's input holds the request once more, as it was sent. */
const masksOfRequests = new WeakMap<JsonDocument, readonly MaskObligation[]>();

/**
 * What a decision's event keeps of what policy was shown: as much as is configured, or nothing where the document is
 * too large or its sensitive values cannot be replaced for certain. Whatever happens here, the decision stands.
 *
 * @param decision with the masks that are carried out on the message
 * @param memory what was masked in earlier messages of its stream, which is masked here too
 */
export function recordInput(
  { settings, hashKey, log }: Pick<GatewayParts, 'settings' | 'hashKey' | 'log'>,
  input: PolicyInput,
  decision: Decision,
  {
    received,
    facts,
    memory,
  }: {
    readonly received: Pick<Received, 'restoration' | 'restored'>;
    readonly facts: readonly FactSource[];
    readonly memory?: StreamMemory | undefined;
  },
): RecordedInput | undefined {
  if (settings.decisionInputs === 'omitted') return undefined;
  const { message } = input;
  const { restoration, restored } = received;
  if (input.kind === 'request')
    masksOfRequests.set(message, [...(masksOfRequests.get(message) ?? []), ...decision.mask]);
  if (message.bytes.length > LARGEST_BYTES) return undefined;
  try {
    const bytes = inputBytes(input, facts);
    if (bytes.length > LARGEST_BYTES) return undefined;
    const isWhole = settings.decisionInputs === 'whole';
    if (isWhole && restored.length === 0)
      return { state: restoration === undefined ? 'whole' : 'masked', json: bytes.toString('utf8') };
    const masks = isWhole ? [] : masksOn(input, decision);
    if (masks === undefined) return undefined;
    const document = readJson(bytes, { maxDepth: settings.limits.depth + DEEPER });
    const obligations = { hashKey, known: restored, memory: memory?.copy() };
    const mask = isWhole ? [] : [...masks, ...hiding(document)];
    const kept = maskedInput(document, { ...decision, mask }, obligations, isWhole);
    return kept && restoration !== undefined ? { ...kept, state: 'masked' } : kept;
  } catch (thrown) {
    log.warn('what policy was shown is not kept', { detail: describeThrown(thrown) });
    return undefined;
  }
}

/**
 * The masks of the message and of the request that it answers, on the document that both are in; undefined where it is
 * not known what policy masks in the request.
 *
 * @throws MaskingError
 */
function masksOn({ request }: PolicyInput, decision: Decision): MaskObligation[] | undefined {
  const own = hidingMasks(decision.mask).map((mask) => inDocument('/message', mask));
  if (request === undefined) return own;
  const asked = masksOfRequests.get(request.document);
  return asked && [...own, ...hidingMasks(asked).map((mask) => inDocument('/request', mask))];
}

/** @throws MaskingError, ProtocolError */
function maskedInput(
  document: JsonDocument,
  decision: Decision,
  obligations: Obligations,
  keepsFindings: boolean,
): RecordedInput | undefined {
  const { bytes } = carryOut(document, decision, obligations);
  if (bytes === document.bytes) return { state: 'whole', json: bytes.toString('utf8') };
  const masked = readJson(bytes, { maxDepth: Number.POSITIVE_INFINITY });
  if (!sameFrame(document, masked)) return undefined;
  if (!keepsFindings && findSensitive(masked).length > 0) return undefined;
  return { state: 'masked', json: bytes.toString('utf8') };
}

/** A mask of a message, on the document that it is in. Nothing of the value stays, whatever the mask leaves. */
function inDocument(place: string, { path, match }: MaskObligation): MaskObligation {
  return { path: place + path, with: 'redact', ...(match !== undefined && { match }) };
}

/** Masks of all that detectors find. One for each detector: one for each finding would cost a look at it all each. */
function hiding(document: JsonDocument): MaskObligation[] {
  const found = new Set(findSensitive(document).map(({ detector }) => detector));
  return [...found].map((detector) => ({ path: '/**', with: 'redact', match: { detector } }));
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
