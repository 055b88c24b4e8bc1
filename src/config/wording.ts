import type { ErrorObject } from 'ajv';
import { FORMATS } from './formats.js';
import { KEYWORDS } from './keywords.js';
import { closest } from './suggestion.js';

interface Violation {
  /** The member of the place that the sentence is about, where it is not about the place itself. */
  readonly member?: string;
  readonly message: string;
  readonly suggestion?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping of names to values',
  array: 'a list',
  string: 'text; put it between quotes',
  integer: 'a whole number',
  number: 'a number',
};

/** What a violated keyword of the schema means, in words. The value itself is never repeated: it may be a secret. */
export function describeViolation(error: ErrorObject): Violation {
  const { keyword, data, propertyName } = error;
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(error);
    case 'required':
      return { member: parameter(error, 'missingProperty'), message: 'is missing' };
    case 'dependencies':
      return {
        member: parameter(error, 'missingProperty'),
        message: `is missing; \`${parameter(error, 'property')}\` needs it`,
      };
    case 'type':
      if (data === null) return { message: 'has no value; give it one, or remove the key' };
      return { message: `must be ${TYPES[parameter(error, 'type')] ?? parameter(error, 'type')}` };
    case 'enum':
      return notOneOf(error);
    default: {
      const message = describeBound(error) ?? describeOwn(error) ?? `breaks the rule \`${keyword}\``;
      return propertyName === undefined ? { message } : { member: propertyName, message };
    }
  }
}

function describeBound(error: ErrorObject): string | undefined {
  switch (error.keyword) {
    case 'minimum':
      return `must be at least ${parameter(error, 'limit')}`;
    case 'exclusiveMinimum':
      return `must be more than ${parameter(error, 'limit')}`;
    case 'maximum':
      return `must be at most ${parameter(error, 'limit')}`;
    case 'minLength':
      return 'must not be empty';
    case 'minItems':
      return 'needs at least one entry';
    case 'uniqueItems':
      return 'has the same entry twice';
    default:
      return undefined;
  }
}

/** Words that stand beside the schema: of patterns, formats and keywords of our own. */
function describeOwn({ keyword, schema, parentSchema }: ErrorObject): string | undefined {
  if (keyword === 'pattern') return `must be ${String(parentSchema?.['patternHint'])}`;
  if (keyword === 'format' && isKeyOf(FORMATS, schema)) return `must be ${FORMATS[schema].words}`;
  if (isKeyOf(KEYWORDS, keyword)) return KEYWORDS[keyword].words(schema);
  return undefined;
}

function unknownKey(error: ErrorObject): Violation {
  const member = parameter(error, 'additionalProperty');
  const known: object = error.parentSchema?.['properties'] ?? {};
  const meant = closest(member, Object.keys(known));
  return {
    member,
    message: 'is no key that is known here',
    ...(meant !== undefined && { suggestion: `did you mean \`${meant}\`?` }),
  };
}

function notOneOf({ schema, data }: ErrorObject): Violation {
  const words = Array.isArray(schema) ? schema.map(String) : [];
  const meant =
    typeof data === 'string' ? words.find((word) => word.toLowerCase() === data.toLowerCase()) : undefined;
  return {
    message: `must be one of ${words.join(', ')}`,
    ...(meant !== undefined && { suggestion: `did you mean \`${meant}\`?` }),
  };
}

function parameter({ params }: ErrorObject, name: string): string {
  return String(params[name]);
}

function isKeyOf<Table extends object>(table: Table, name: unknown): name is keyof Table {
  return typeof name === 'string' && Object.hasOwn(table, name);
}
