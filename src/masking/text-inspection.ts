import type { Detector } from './detectors/detector.js';
import { type Discovery, newAmong } from './discovery.js';
import { type EncodedRegion, encodedRegions } from './encoded-regions.js';
import {
  resolved,
  type View,
  withEscapes,
  withoutEscapes,
  withoutPercents,
  withPercents,
} from './escapes.js';
import { eachToken, isJson } from './json-tokens.js';
import { labelled } from './labelled.js';
import { readable } from './readable.js';
import type { Span } from './span.js';
import { bitsOf, isWritten, noBits, scanner, suspecting } from './watch.js';

/** JSON text in a string of JSON text in a string …: so often it is read as what it is, and masked precisely. */
const MAX_LEVELS = 8;
const OPENING = /^\s*[[{]/;

/** A text to look into, and its place in the string that it comes from. */
interface Layer {
  readonly text: string;
  readonly label: string | undefined;
  /** How often something was decoded to get it. */
  readonly level: number;
  readonly isPercentDecoded: boolean;
  readonly isNumber: boolean;
  readonly region: EncodedRegion | undefined;
  origin(span: Span): Span;
  write(text: string): string;
}

/**
 * Everything that detectors find in a string's value, read in every way that its receiver might: as it stands; JSON text
 * string by string, each with the name of its member; with escapes resolved, percent-encoding and base64 decoded.
 *
 * @param text - the value
 * @param label - the name of the member whose value it is
 * @param bits - what the scanner told of both
 */
export function inspectText(text: string, label: string | undefined, bits: Int32Array): Discovery[] {
  return inspect(wholeLayer(text, label, undefined), bits);
}

/** What detectors find in a number. */
export function inspectNumber(text: string, label: string | undefined, bits: Int32Array): Discovery[] {
  return inWhole(wholeLayer(text, label, undefined), suspecting(bits));
}

function wholeLayer(text: string, label: string | undefined, region: EncodedRegion | undefined): Layer {
  return {
    text,
    label,
    level: 0,
    isPercentDecoded: false,
    isNumber: false,
    region,
    origin: asItStands,
    write: asItStands,
  };
}

function asItStands<Some>(some: Some): Some {
  return some;
}

function inspect(layer: Layer, bits: Int32Array): Discovery[] {
  const { text, label, level, region: within } = layer;
  if (level < MAX_LEVELS && OPENING.test(text)) {
    const bytes = Buffer.from(text, 'utf8');
    if (isJson(bytes)) return inJson(layer, bytes);
  }
  const found = inWhole(layer, suspecting(bits));
  const add = (further: readonly Discovery[]) => {
    for (const one of newAmong(further, found)) found.push(one);
  };
  const hasEscapes = isWritten(bits, 'backslash');
  if (level < MAX_LEVELS) {
    if (text.includes('"')) add(inLabelled(layer));
    if (hasEscapes) add(inView(unescaped(layer)));
    if (isWritten(bits, 'percent') && !layer.isPercentDecoded) add(inView(percentDecoded(layer)));
  } else if (hasEscapes) add(inDepth(layer));
  if (within === undefined) for (const region of encodedRegions(text, label)) add(inRegion(layer, region));
  return found;
}

function inWhole(layer: Layer, detectors: readonly Detector[]): Discovery[] {
  const found: Discovery[] = [];
  if (detectors.length === 0) return found;
  const { text, original } = readable(layer.text);
  const label = layer.label === undefined ? undefined : readable(layer.label).text;
  for (const detector of detectors)
    for (const span of detector.find(text, label)) found.push(discovery(layer, detector, original(span)));
  return found;
}

function discovery(layer: Layer, { name: detector }: Detector, { start, end }: Span): Discovery {
  const { text, isNumber, region, write } = layer;
  const place = layer.origin({ start, end });
  return {
    start: place.start,
    end: place.end,
    detector,
    text: text.slice(start, end),
    isNumber: isNumber && end - start === text.length,
    region,
    write,
  };
}

/** JSON text is looked through as a message is: string by string, number by number, each with its name. */
function inJson(layer: Layer, bytes: Buffer): Discovery[] {
  const found: Discovery[] = [];
  const nameBits = noBits();
  const bits = noBits();
  let isNameTelling = false;
  const unitAt = unitsOf(bytes, layer.text);
  eachToken(bytes, (kind, start, end, nameStart, nameEnd) => {
    scanner.begin();
    scanner.feed(bytes, start, end);
    const isNamed = nameEnd > 0;
    const mayHave = scanner.hasSeen || (isNamed && isNameTelling);
    if (kind === 'name') isNameTelling = scanner.hasSeen;
    if (!mayHave) return;
    if (isNamed && isNameTelling) bits.set(nameBits);
    else bits.fill(0);
    scanner.addTo(bits);
    if (kind === 'name') nameBits.set(bits);
    const label = isNamed ? withoutEscapes(bytes.toString('utf8', nameStart, nameEnd)).text : undefined;
    const token = part(layer, unitAt(start), bytes.toString('utf8', start, end), label);
    const further =
      kind === 'number'
        ? inWhole({ ...token, isNumber: true }, suspecting(bits))
        : inspect(unescaped(token), bits);
    for (const one of further) found.push(one);
  });
  return found;
}

/** Members that stand in a text that is not JSON as a whole: what goes by names finds them there too. */
function inLabelled(layer: Layer): Discovery[] {
  const found: Discovery[] = [];
  for (const { label, value, isNumber } of labelled(layer.text)) {
    const text = layer.text.slice(value.start, value.end);
    const detectors = suspecting(bitsOf(`${label}\n${text}`));
    if (detectors.length === 0) continue;
    const token = part(layer, value.start, text, label);
    found.push(...inWhole(isNumber ? { ...token, isNumber } : unescaped(token), detectors));
  }
  return found;
}

function inView(layer: Layer): Discovery[] {
  return inspect(layer, bitsOf(layer.text));
}

/** Of what is escaped even more often only that something stands there is found; all of it is masked. */
function inDepth(layer: Layer): Discovery[] {
  const text = resolved(layer.text);
  const { length } = layer.text;
  return suspecting(bitsOf(text))
    .filter(({ find }) => find(readable(text).text).length > 0)
    .map((detector) => discovery(layer, detector, { start: 0, end: length }));
}

function inRegion(layer: Layer, region: EncodedRegion): Discovery[] {
  const encode = (text: string) => layer.write(region.encode(text));
  const placed = { ...region, ...layer.origin(region), encode };
  return inspect(wholeLayer(region.text, undefined, placed), bitsOf(region.text));
}

/** Part of a layer's text, by itself. */
function part(layer: Layer, from: number, text: string, label: string | undefined): Layer {
  const origin = ({ start, end }: Span) => layer.origin({ start: from + start, end: from + end });
  return { ...layer, text, label, origin };
}

function unescaped(layer: Layer): Layer {
  return through(layer, withoutEscapes(layer.text), (text) => withEscapes(text, 1));
}

function percentDecoded(layer: Layer): Layer {
  return { ...through(layer, withoutPercents(layer.text), withPercents), isPercentDecoded: true };
}

/** A layer as it reads decoded. */
function through(layer: Layer, view: View, encode: (text: string) => string): Layer {
  return {
    ...layer,
    text: view.text,
    level: layer.level + 1,
    origin: ({ start, end }) => layer.origin({ start: view.origin(start), end: view.origin(end) }),
    write: (text) => layer.write(encode(text)),
  };
}

/** Tells of ascending offsets into the UTF-8 of a text which offsets of the text they are. */
function unitsOf(bytes: Buffer, text: string): (offset: number) => number {
  if (bytes.length === text.length) return (offset) => offset;
  let [past, units] = [0, 0];
  return (offset) => {
    units += bytes.toString('utf8', past, offset).length;
    past = offset;
    return units;
  };
}
