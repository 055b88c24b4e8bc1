import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Finding, type Place, pointerTo } from './place.js';
import { CONFIG_SCHEMA, type Schema, schemaBelow } from './schema.js';

const FILE = 'file:';
/** `$${` stands for `${`; `${NAME}` for a variable; any other `${` is a mistake. */
const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;
// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own syntax for a variable
const NO_VARIABLE = 'holds `${` without a name and `}`; write `$${` for the characters themselves';
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Where values come from that the configuration only names. */
export interface Sources {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of the configuration: relative paths start here. */
  readonly directory: string;
}

export interface Resolved {
  readonly value: unknown;
  /** What could not be had. */
  readonly missing: readonly Finding[];
  /** JSON Pointers of the values it could not be had for: nothing can be said of them. */
  readonly unresolved: ReadonlySet<string>;
}

/**
 * Puts variables of the environment and the contents of files in the place of what names them. A variable where the
 * schema wants a number is read as one. Values that were put in are not looked at again.
 */
export function resolveValues(written: unknown, sources: Sources): Resolved {
  const missing: Finding[] = [];
  const unresolved = new Set<string>();

  const resolveAt = (value: unknown, place: Place, schema: Schema | undefined): unknown => {
    if (typeof value === 'string') {
      const text = resolveText(value, schema, sources);
      if (typeof text !== 'object') return text;
      missing.push(...text.problems.map((message) => ({ place, message })));
      unresolved.add(pointerTo(place));
      return value;
    }
    if (Array.isArray(value))
      return value.map((entry, index) => resolveAt(entry, [...place, index], schemaBelow(schema, index)));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [
      name,
      resolveAt(member, [...place, name], schemaBelow(schema, name)),
    ]);
    return Object.fromEntries(members);
  };

  return { value: resolveAt(written, [], CONFIG_SCHEMA), missing, unresolved };
}

type Failed = { readonly problems: readonly string[] };

function resolveText(
  written: string,
  schema: Schema | undefined,
  sources: Sources,
): string | number | Failed {
  const { text, problems } = substitute(written, sources.environment);
  if (problems.length > 0) return { problems };
  if (schema?.readsFile && written.startsWith(FILE))
    return readValue(text.slice(FILE.length), sources.directory);
  const wantsNumber = schema?.type === 'integer' || schema?.type === 'number';
  return wantsNumber && text !== written && NUMBER.test(text) ? Number(text) : text;
}

function substitute(written: string, environment: NodeJS.ProcessEnv): { text: string; problems: string[] } {
  const problems: string[] = [];
  const text = written.replace(VARIABLE, (whole, name: string | undefined) => {
    if (whole === '$${') return '${';
    if (name === undefined) {
      problems.push(NO_VARIABLE);
      return '';
    }
    const value = environment[name];
    if (value === undefined || value === '')
      problems.push(`needs the environment variable ${name}, which is not set or empty`);
    return value ?? '';
  });
  return { text, problems };
}

function readValue(path: string, directory: string): string | Failed {
  try {
    return readFileSync(resolve(directory, path), 'utf8').trimEnd();
  } catch (thrown) {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`;
    return { problems: [`needs the file ${resolve(directory, path)}, which ${why}`] };
  }
}
