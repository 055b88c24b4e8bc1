/**
 * Writes schemas/mcp/<version>.schema.json for the versions of MCP that the official SDK knows, from the zod types it
 * checks messages with. They hold what the gateway needs and no more: each method's request or notification, each
 * request's result, what some errors carry, and the definitions that those share. 2026-07-28, which this SDK does not
 * know, is written by hand.
 *
 * `node scripts/generate-mcp-schemas.mjs --check` writes nothing and fails where a file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as sdk from '@modelcontextprotocol/sdk/types.js';
import { PROTOCOL_VERSIONS, STATELESS } from '../dist/domain/index.js';
import { METHODS } from '../dist/protocol/index.js';

/** Zod as the SDK has it: the types are of that copy. */
const { registry, toJSONSchema } = await import(
  pathToFileURL(createRequire(import.meta.resolve('@modelcontextprotocol/sdk/types.js')).resolve('zod/v4'))
);

const TYPES = new Map(
  Object.entries(sdk).filter(([name, type]) => name.endsWith('Schema') && '_zod' in type),
);

/** What each type is called in the definitions. Some have several names, of which the first counts. */
const nameOf = new Map([...TYPES].reverse().map(([name, type]) => [type, name.slice(0, -'Schema'.length)]));

/** Requests whose result is the SDK's type of that name; of all others it is any object. */
const RESULTS = {
  initialize: ['InitializeResult'],
  'completion/complete': ['CompleteResult'],
  'tools/list': ['ListToolsResult'],
  'tools/call': ['CallToolResult', 'CreateTaskResult'],
  'prompts/list': ['ListPromptsResult'],
  'prompts/get': ['GetPromptResult'],
  'resources/list': ['ListResourcesResult'],
  'resources/templates/list': ['ListResourceTemplatesResult'],
  'resources/read': ['ReadResourceResult'],
  'tasks/list': ['ListTasksResult'],
  'tasks/get': ['GetTaskResult'],
  'tasks/cancel': ['CancelTaskResult'],
  'sampling/createMessage': ['CreateMessageResult', 'CreateMessageResultWithTools', 'CreateTaskResult'],
  'elicitation/create': ['ElicitResult', 'CreateTaskResult'],
  'roots/list': ['ListRootsResult'],
};

/** Shapes that came later than MCP itself. Where a choice offers one, an earlier version does not. */
const SINCE = {
  AudioContent: '2025-03-26',
  ResourceLink: '2025-06-18',
  ToolUseContent: '2025-11-25',
  ToolResultContent: '2025-11-25',
  ElicitRequestURLParams: '2025-11-25',
  CreateMessageResultWithTools: '2025-11-25',
  CreateTaskResult: '2025-11-25',
};

/** A choice of several where there was one. */
const ARRAYS_SINCE = '2025-11-25';

/** Members that MCP demands and the SDK, being forgiving, does not. */
const DEMANDED = { CallToolResult: ['content'], ToolResultContent: ['content'] };
/** The same up to a version, from which on they may be missing. */
const DEMANDED_BEFORE = { CancelledNotificationParams: { version: '2025-11-25', members: ['requestId'] } };

/** Members of which MCP says what they are, since a version, and the SDK does not. */
const DESCRIBED = [
  { since: '2025-06-18', in: ['PromptReference'], member: 'title' },
  { since: '2025-06-18', in: ['PromptArgument'], member: 'title' },
  { since: '2025-11-25', in: ['Tool', 'inputSchema'], member: '$schema' },
  { since: '2025-11-25', in: ['Tool', 'outputSchema'], member: '$schema' },
  { since: '2025-11-25', in: ['ElicitRequestFormParams', 'requestedSchema'], member: '$schema' },
];

/** Members that are integers in MCP, and any number in the SDK. */
const INTEGERS = ['size', 'ttl', 'pollInterval', 'minLength', 'maxLength', 'minItems', 'maxItems'];

/**
 * Keywords that are left out. Formats and patterns are for whoever uses a value (MCP's own schema knows no more of
 * `lastModified` than that it is a string); a default is no demand; MCP has no strict objects, and no bounds of
 * JavaScript's.
 */
const LEFT_OUT = ['$schema', '$id', 'format', 'pattern', 'default', 'propertyNames', 'minLength'];
const SAFE = Number.MAX_SAFE_INTEGER;

function tidy(schema) {
  if (Array.isArray(schema)) return schema.map(tidy);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { allOf, oneOf, ...rest } = schema;
  // What zod writes for an optional member of a named type.
  if (allOf?.length === 1) return tidy({ ...rest, ...allOf[0] });
  // What it writes for a choice by `type`: one can fit at most, so it need not be asked whether two do.
  if (oneOf !== undefined) return tidy({ ...rest, anyOf: oneOf });
  const kept = Object.entries(schema).filter(([keyword, value]) => !isNeedless(keyword, value));
  return Object.fromEntries(
    kept.map(([keyword, value]) => [keyword, keyword === 'properties' ? tidyMembers(value) : tidy(value)]),
  );
}

function isNeedless(keyword, value) {
  if (LEFT_OUT.includes(keyword) || (keyword === 'minimum' && value === -SAFE)) return true;
  if (keyword === 'maximum' && value === SAFE) return true;
  return keyword === 'additionalProperties' && (value === false || isEmpty(value));
}

/** The members of an object; the name of one may be that of a keyword. One of which nothing is said is left out. */
function tidyMembers(members) {
  const tidied = Object.entries(members).map(([name, schema]) => [
    name,
    INTEGERS.includes(name) ? asInteger(tidy(schema)) : tidy(schema),
  ]);
  return Object.fromEntries(tidied.filter(([, schema]) => !isEmpty(schema)));
}

function asInteger({ type, ...rest }) {
  const types = [type].flat().map((one) => (one === 'number' ? 'integer' : one));
  return { type: types.length === 1 ? types[0] : types, ...rest };
}

function isEmpty(value) {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** All of the SDK's types as JSON Schemas, which name each other as `#/definitions/Name`. */
function sdkDefinitions() {
  const types = registry();
  for (const [type, name] of nameOf) types.add(type, { id: name });
  const { schemas } = toJSONSchema(types, {
    io: 'input', // as it is sent: open, and before defaults
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The SDK's one check in code: that a value is an object.
      if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'object';
    },
    target: 'draft-7',
    uri: (id) => `#/definitions/${id}`,
  });
  const definitions = tidyMembers(schemas);
  for (const [name, members] of Object.entries(DEMANDED))
    definitions[name].required = [...new Set([...(definitions[name].required ?? []), ...members])];
  for (const [name, { properties }] of Object.entries(definitions))
    if (name.endsWith('Result') || name.endsWith('Tools')) openMeta(properties);
  openToolSchemas(definitions.Tool);
  return definitions;
}

/** In a tool's JSON Schemas `true` and `false` are schemas too, which the SDK and MCP's own schema overlook. */
function openToolSchemas({ properties: { inputSchema, outputSchema } }) {
  for (const { properties } of [inputSchema, outputSchema])
    properties.properties = { type: 'object', additionalProperties: { type: ['object', 'boolean'] } };
}

/** Of a result's `_meta` MCP says that it is an object; the SDK reads it as a request's. */
function openMeta(properties) {
  if (properties?._meta !== undefined) properties._meta = { type: 'object' };
}

/** Takes out of every choice what the version does not have yet. */
function inVersion(schema, version) {
  if (Array.isArray(schema)) {
    const known = schema.filter((choice) => sinceOf(choice) <= version);
    return known.map((item) => inVersion(item, version));
  }
  if (typeof schema !== 'object' || schema === null) return schema;
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, inVersion(value, version)]),
  );
  if (anyOf === undefined) return rest;
  return anyOf.length === 1 ? { ...rest, ...anyOf[0] } : { ...rest, anyOf };
}

function sinceOf(choice) {
  if (choice?.type === 'array') return ARRAYS_SINCE;
  return SINCE[choice?.$ref?.split('/').at(-1)] ?? '';
}

/** Puts in what the version says and the SDK's types do not. */
function described(definitions, version) {
  const all = structuredClone(definitions);
  for (const [name, { version: before, members }] of Object.entries(DEMANDED_BEFORE))
    if (version < before) all[name].required = [...(all[name].required ?? []), ...members];
  for (const { since, in: place, member } of DESCRIBED) {
    if (version < since) continue;
    const [name, ...path] = place;
    const { properties } = path.reduce((schema, step) => schema.properties[step], all[name]);
    properties[member] = { type: 'string' };
  }
  return all;
}

/** The types of requests and notifications by their method. */
function typesByMethod(kind) {
  const types = ['Client', 'Server'].flatMap((side) => TYPES.get(`${side}${kind}Schema`).options);
  return new Map(types.map((type) => [type.shape.method.value, type]));
}

/** What an error carries, by its code: the URLs for which a server of 2025-11-25 wants a user (MCP, elicitation). */
const ERRORS = {
  '-32042': {
    since: '2025-11-25',
    type: 'object',
    required: ['data'],
    properties: {
      data: {
        type: 'object',
        required: ['elicitations'],
        properties: {
          elicitations: { type: 'array', items: { $ref: '#/definitions/ElicitRequestURLParams' } },
        },
      },
    },
  },
};

function errorsSince(version) {
  const known = Object.entries(ERRORS).filter(([, { since }]) => since <= version);
  return Object.fromEntries(known.map(([code, { since: _since, ...error }]) => [code, error]));
}

/** What a method has to be that has no definition: any request, notification or result. */
const UNLISTED = '*';
const ANY_RESULT = { type: 'object', properties: { _meta: { type: 'object' } } };

function schemaOf(version, definitions) {
  const sections = {
    requests: { [UNLISTED]: unlisted(definitions.Request) },
    notifications: { [UNLISTED]: unlisted(definitions.Notification) },
    results: { [UNLISTED]: ANY_RESULT },
    errors: errorsSince(version),
  };
  for (const [kind, section] of [
    ['Request', 'requests'],
    ['Notification', 'notifications'],
  ]) {
    for (const [method, type] of typesByMethod(kind)) {
      if (!Object.values(METHODS[method].travels).flat().includes(version)) continue;
      const { properties, ...message } = definitions[nameOf.get(type)];
      const { method: _method, ...members } = properties;
      const required = message.required.filter((member) => member !== 'method');
      sections[section][method] = {
        ...message,
        ...(isEmpty(members) ? {} : { properties: members }),
        required,
      };
      if (required.length === 0) delete sections[section][method].required;
      if (kind !== 'Request') continue;
      const choices = (RESULTS[method] ?? []).map((name) => ({ $ref: `#/definitions/${name}` }));
      sections.results[method] = choices.length === 0 ? ANY_RESULT : { anyOf: choices };
    }
  }
  const cut = inVersion({ ...sections, definitions: described(definitions, version) }, version);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://regate.dev/schemas/mcp/${version}.schema.json`,
    title: `MCP ${version}`,
    description:
      'Written by scripts/generate-mcp-schemas.mjs. Requests and notifications are whole messages, of which the method is known; results are what stands in `result`, errors what stands in `error`, by code.',
    ...cut,
    definitions: reachable(cut),
  };
}

function unlisted({ type, properties: { params } }) {
  return { type, properties: { params } };
}

/** The definitions that a request, notification or result leads to. */
function reachable({ definitions, ...sections }) {
  const found = new Set();
  const visit = (schema) => {
    if (typeof schema !== 'object' || schema === null) return;
    const name = schema.$ref?.split('/').at(-1);
    if (name !== undefined && !found.has(name)) visit(definitions[found.add(name) && name]);
    Object.values(schema).forEach(visit);
  };
  visit(sections);
  return Object.fromEntries([...found].sort().map((name) => [name, definitions[name]]));
}

const definitions = sdkDefinitions();
const check = process.argv.includes('--check');
for (const version of PROTOCOL_VERSIONS.filter((version) => version !== STATELESS)) {
  const file = fileURLToPath(new URL(`../schemas/mcp/${version}.schema.json`, import.meta.url));
  const text = `${JSON.stringify(schemaOf(version, definitions), null, 2)}\n`;
  if (!check) writeFileSync(file, text);
  else if (JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) !== JSON.stringify(JSON.parse(text))) {
    process.stderr.write(
      `schemas/mcp/${version}.schema.json is not what scripts/generate-mcp-schemas.mjs writes\n`,
    );
    process.exitCode = 1;
  }
}
