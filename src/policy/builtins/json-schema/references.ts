import { RegoObject, type RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { parseUrl } from '../go/url.js';
import { isList } from './document.js';
import { metaschema } from './metaschemas.js';
import type { Draft } from './schema.js';

/** A schema that `$ref` finds, and the draft of the document that it stands in, where that names one. */
export interface Found {
  readonly schema: RegoValue;
  readonly draft: Draft | undefined;
}

/** The parts of a URI reference. */
interface Address {
  readonly scheme: string;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  /** Without its escapes. */
  readonly fragment: string;
  /** With them, always written in one way. */
  readonly escapedFragment: string;
}

/**
 * Where the schemas of one document are found: by their `$id`, by JSON pointers, and the drafts' own schemas by their
 * addresses. Nothing is ever fetched.
 */
export class References {
  readonly #found = new Map<string, Found>();
  readonly #targets = new WeakMap<RegoObject, string>();

  /** @throws BuiltinError where two schemas have one id, or `$schema` is no string */
  constructor(document: RegoValue) {
    const draft = draftOf(document);
    this.#collect(document, parseAddress(''), draft);
    this.#found.set('', { schema: document, draft });
  }

  /** The address of what a schema's `$ref` refers to, in which its surroundings are taken into account. */
  target(schema: RegoObject, reference: string): string {
    return this.#targets.get(schema) ?? addressText(parseAddress(reference));
  }

  /** @throws BuiltinError where nothing has this address */
  find(target: string): Found {
    const known = this.#found.get(target);
    if (known !== undefined) return known;
    const address = parseAddress(target);
    const base = addressText({ ...address, escapedFragment: '' });
    const document = this.#found.get(base) ?? this.#metaschema(address, base);
    const found = { schema: atPointer(document.schema, address.fragment), draft: document.draft };
    this.#found.set(target, found);
    return found;
  }

  #metaschema(address: Address, base: string): Found {
    const text = addressText(address);
    const isFile = address.scheme === 'file' && address.path.startsWith('/');
    if (!isFile && (address.scheme === '' || !address.authority)) {
      throw new BuiltinError(`Reference ${text} must be canonical`);
    }
    const schema = metaschema(base);
    if (schema === undefined) throw new BuiltinError(`remote reference loading disabled: ${text}`);
    const draft = draftOf(schema);
    this.#collect(schema, address, draft);
    const document = { schema, draft };
    this.#found.set(base, document);
    return document;
  }

  #collect(value: RegoValue, base: Address, draft: Draft | undefined): void {
    if (isList(value)) for (const item of value) this.#collect(item, base, draft);
    if (!(value instanceof RegoObject)) return;
    const id = value.get('id') === undefined ? value.get('$id') : value.get('id');
    let scope = base;
    if (typeof id === 'string' && isAddress(id)) {
      scope = resolve(base, parseAddress(id));
      const key = addressText(scope);
      if (this.#found.has(key)) throw new BuiltinError(`Reference already exists: "${key}"`);
      this.#found.set(key, { schema: value, draft });
    }
    const reference = value.get('$ref');
    if (typeof reference === 'string' && isAddress(reference)) {
      this.#targets.set(value, addressText(resolve(scope, parseAddress(reference))));
    }
    for (const [key, item] of value.entries) {
      if (key === 'const' || key === 'enum') continue;
      const holdsSchemas = key === 'properties' || key === 'dependencies' || key === 'patternProperties';
      // Their keys are names of the policy's choice, and no keywords.
      const schemas = !holdsSchemas
        ? [item]
        : item instanceof RegoObject
          ? item.entries.map(([, each]) => each)
          : [];
      for (const schema of schemas) this.#collect(schema, scope, draft);
    }
  }
}

/**
 * The draft that a document names.
 *
 * @returns undefined where it names none, or one that nobody knows
 * @throws BuiltinError where it is no schema, or names no draft but something else
 */
export function draftOf(document: RegoValue): Draft | undefined {
  if (typeof document === 'boolean') return undefined;
  if (!(document instanceof RegoObject)) throw new BuiltinError('schema is invalid');
  const name = document.get('$schema');
  if (name === undefined) return undefined;
  if (typeof name !== 'string') throw new BuiltinError('$schema must be of type string');
  const [, draft] =
    /^http:\/\/json-schema\.org\/draft-0([467])\/schema$/.exec(addressText(parseAddress(name))) ?? [];
  return draft === '4' ? 4 : draft === '6' ? 6 : draft === '7' ? 7 : undefined;
}

function atPointer(document: RegoValue, pointer: string): RegoValue {
  // What is no pointer names the whole document, as in OPA.
  if (!pointer.startsWith('/')) return document;
  let value = document;
  for (const token of pointer.slice(1).split('/')) value = memberOf(value, token);
  return value;
}

function memberOf(value: RegoValue, token: string): RegoValue {
  if (value instanceof RegoObject) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const member = value.get(key);
    if (member === undefined) throw new BuiltinError(`Object has no key '${key}'`);
    return member;
  }
  if (!isList(value)) throw new BuiltinError(`Invalid token reference '${token}'`);
  if (!/^[-+]?[0-9]{1,19}$/.test(token)) throw new BuiltinError(`Invalid array index '${token}'`);
  const item = value[Number(token)];
  if (item === undefined) {
    throw new BuiltinError(`Out of bound array[0,${value.length}] index '${Number(token)}'`);
  }
  return item;
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

/**
 * @throws BuiltinError where Go finds no URL in it
 * Source: RFC 3986, appendix B
 */
function parseAddress(text: string): Address {
  const { fragment, escapedFragment } = parseUrl(text);
  const [, scheme = '', authority, path = '', query] =
    /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(text) ?? [];
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment, escapedFragment };
}

function addressText({ scheme, authority, path, query, escapedFragment }: Address): string {
  return [
    scheme === '' ? '' : `${scheme}:`,
    authority === undefined ? '' : `//${authority}`,
    path,
    query === undefined ? '' : `?${query}`,
    escapedFragment === '' ? '' : `#${escapedFragment}`,
  ].join('');
}

/** Source: RFC 3986, section 5.2.2; the base's fragment counts for nothing */
function resolve(base: Address, reference: Address): Address {
  if (reference.scheme !== '') return reference;
  if (reference.authority !== undefined) return { ...reference, scheme: base.scheme };
  const { fragment, escapedFragment } = reference;
  const isOpaque = base.scheme !== '' && base.authority === undefined && !base.path.startsWith('/');
  if (reference.path === '' && (reference.query === undefined || isOpaque))
    return { ...base, fragment, escapedFragment };
  const path = reference.path === '' ? base.path : withoutDots(merged(base.path, reference.path));
  return { ...base, path, query: reference.query, fragment, escapedFragment };
}

function merged(base: string, path: string): string {
  return path.startsWith('/') ? path : base.slice(0, base.lastIndexOf('/') + 1) + path;
}

/** The path from the root, in which `.` and `..` were followed. */
function withoutDots(path: string): string {
  const segments: string[] = [];
  const written = path.replace(/^\//, '').split('/');
  for (const segment of written) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  const last = written.at(-1);
  if (last === '.' || last === '..') segments.push('');
  return `/${segments.join('/')}`;
}
