/** A JSON value whose numbers keep the digits that they were written with. */
export type Json =
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Json])[] }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number' | 'boolean' | 'null'; readonly text: string };

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|-?\d[\d.eE+-]*|true|false|null)/y;

/**
 * Reads a JSON text. JSON.parse alone would round numbers, and let the last of two members with one name win; it is
 * asked first, so that nothing passes here that is no JSON.
 *
 * @throws SyntaxError
 */
export function readJson(text: string): Json {
  JSON.parse(text);
  const token = new RegExp(TOKEN);
  const next = () => token.exec(text)?.[1] ?? '';

  function value(first: string): Json {
    if (first === '{') return { kind: 'object', members: members() };
    if (first === '[') return { kind: 'array', items: items() };
    if (first.startsWith('"')) return { kind: 'string', value: JSON.parse(first) as string };
    if (first === 'null') return { kind: 'null', text: first };
    return { kind: first === 'true' || first === 'false' ? 'boolean' : 'number', text: first };
  }

  function members(): readonly (readonly [string, Json])[] {
    const found = new Map<string, Json>();
    for (let name = next(); name !== '}'; name = next()) {
      if (name === ',') continue;
      const key = JSON.parse(name) as string;
      if (found.has(key)) throw new SyntaxError(`“${key}” stands twice`);
      next(); // the colon
      found.set(key, value(next()));
    }
    return [...found];
  }

  function items(): readonly Json[] {
    const found: Json[] = [];
    for (let first = next(); first !== ']'; first = next()) if (first !== ',') found.push(value(first));
    return found;
  }

  return value(next());
}

/** The value of a text; undefined where it is no JSON. */
export function jsonIn(text: string): Json | undefined {
  try {
    return readJson(text);
  } catch {
    return undefined; // whoever asks shows the text itself
  }
}

export function memberOf(json: Json, name: string): Json | undefined {
  return json.kind === 'object' ? json.members.find(([key]) => key === name)?.[1] : undefined;
}

/** The text of a value, laid out for people to read and edit. */
export function laidOut(json: Json, indent = ''): string {
  const deeper = `${indent}  `;
  switch (json.kind) {
    case 'object':
      return block(
        '{}',
        json.members.map(([name, value]) => `${JSON.stringify(name)}: ${laidOut(value, deeper)}`),
        indent,
      );
    case 'array':
      return block(
        '[]',
        json.items.map((item) => laidOut(item, deeper)),
        indent,
      );
    case 'string':
      return JSON.stringify(json.value);
    default:
      return json.text;
  }
}

function block([open = '', close = '']: string, lines: readonly string[], indent: string): string {
  if (lines.length === 0) return open + close;
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

/** One place at which two values differ; undefined on the side where it is not there. */
export interface Difference {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Where two values differ, in the order of the first. */
export function differences(
  before: Json | undefined,
  after: Json | undefined,
  path = '',
): readonly Difference[] {
  if (before?.kind === 'object' && after?.kind === 'object') {
    const names = new Set([...before.members, ...after.members].map(([name]) => name));
    return [...names].flatMap((name) =>
      differences(memberOf(before, name), memberOf(after, name), path === '' ? name : `${path}.${name}`),
    );
  }
  if (before?.kind === 'array' && after?.kind === 'array') {
    const length = Math.max(before.items.length, after.items.length);
    return Array.from({ length }, (_, at) => at).flatMap((at) =>
      differences(before.items[at], after.items[at], `${path}[${at}]`),
    );
  }
  const same = before !== undefined && after !== undefined && laidOut(before) === laidOut(after);
  return same ? [] : [{ path, before, after }];
}
