import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { PROTOCOL_VERSIONS, type ProtocolVersion } from '../../domain/index.js';
import { type Interest, interestOf, type Schema } from './interest.js';

/**
 * What MCP defines: a request or notification by its method, a result by the method of the request that it answers, an
 * error by its code.
 */
export type Section = 'requests' | 'notifications' | 'results' | 'errors';

/** One definition, ready for use. */
export interface Definition {
  /** Checks the outline of a message, or of a result. */
  readonly validate: ValidateFunction;
  readonly interest: Interest;
}

/** One of the project's own schemas of MCP. */
type SchemaFile = { readonly $id: string } & Readonly<
  Record<Section | 'definitions', Readonly<Record<string, Schema>>>
>;

const BASE = 'https://regate.dev/schemas/mcp/';
const EXTENSION = '.schema.json';

// Not strict: ajv would complain of the sections, which are no keywords of JSON Schema.
const ajv = new Ajv({ strict: false });
const files = new Map<ProtocolVersion, SchemaFile>();
const ready = new Map<string, Definition>();

/**
 * The definition that a version has of a method or an error's code, or undefined where it has none. Files are read and definitions
 * compiled when they are first asked for: a gateway uses few.
 */
export function definitionOf(
  version: ProtocolVersion,
  section: Section,
  name: string,
): Definition | undefined {
  if (!Object.hasOwn(schemaFile(version)[section], name)) return undefined;
  const key = `${version} ${section} ${name}`;
  const definition = ready.get(key) ?? compile(version, section, name);
  ready.set(key, definition);
  return definition;
}

function compile(version: ProtocolVersion, section: Section, name: string): Definition {
  const $ref = `${schemaFile(version).$id}#/${section}/${name.replaceAll('/', '~1')}`;
  const interest = interestOf({ $ref }, resolve); // first: it loads all the files that it leads to
  return { interest, validate: ajv.compile({ $ref }) };
}

function resolve($ref: string): Schema {
  const version = PROTOCOL_VERSIONS.find((one) => $ref.startsWith(`${BASE}${one}${EXTENSION}#`));
  const [section = '', name = ''] = $ref.slice($ref.indexOf('#') + 2).split('/');
  const found = version && partOf(schemaFile(version), section)?.[name.replaceAll('~1', '/')];
  if (found === undefined) throw new TypeError(`there is no ${$ref}`);
  return found;
}

function partOf(file: SchemaFile, section: string): Readonly<Record<string, Schema>> | undefined {
  const { requests, notifications, results, errors, definitions } = file;
  return { requests, notifications, results, errors, definitions }[section];
}

function schemaFile(version: ProtocolVersion): SchemaFile {
  const known = files.get(version);
  if (known !== undefined) return known;
  const name = version + EXTENSION;
  const text = readFileSync(new URL(`../../../schemas/mcp/${name}`, import.meta.url), 'utf8');
  // References are made absolute, since a schema may be looked at from another file.
  const file = JSON.parse(text, (key, value) =>
    key === '$ref' ? new URL(String(value), BASE + name).href : value,
  ) as SchemaFile;
  files.set(version, file);
  ajv.addSchema(file);
  return file;
}
