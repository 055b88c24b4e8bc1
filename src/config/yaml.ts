import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { ConfigError, type Problem } from './errors.js';
import type { Place } from './place.js';

/** A configuration's text, read, and where in it each value stands. */
export interface YamlText {
  readonly value: unknown;
  /** Line, from 1, of the key or the list's entry at a place, or of what is closest above it. */
  lineOf(place: Place): number | undefined;
}

/** Problems in other words than the parser's, which repeat a part of the text (it may be a secret) or speak of its API. */
const OWN_WORDS: Partial<Record<YAMLError['code'], string>> = {
  UNEXPECTED_TOKEN: 'this does not belong here',
  BAD_DQ_ESCAPE: 'YAML has no such escape sequence',
  MULTIPLE_DOCS: 'a configuration is one document; this begins another',
  NON_STRING_KEY: 'keys are text',
};

/** More is no configuration that a person wrote: aliases of aliases can make a small file endless. */
const MAX_ALIASED_VALUES = 100;

/**
 * Reads YAML 1.2 strictly: one document, text keys that stand once, no tags but YAML's own, few aliases.
 *
 * @throws ConfigError `not_yaml` with every problem
 */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error', // `silent` would let a second document pass unnoticed
    lineCounter: lines,
  });
  const problems: Problem[] = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    path: '',
    line: lines.linePos(pos[0]).line,
    message: OWN_WORDS[code] ?? message,
  }));
  visit(document, {
    Alias: (_key, alias, ancestors) => {
      const target = alias.resolve(document);
      if (target !== undefined && !ancestors.some((ancestor) => ancestor === target)) return;
      problems.push({
        path: '',
        ...lineAt(lines, alias),
        message: 'this alias names no anchor that ends before it',
      });
    },
  });
  if (problems.length > 0) throw notYaml(problems);
  return { value: toValue(document), lineOf: (place) => lineOf(document, lines, place) };
}

function toValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASED_VALUES });
  } catch {
    throw notYaml([{ path: '', message: `aliases repeat more than ${MAX_ALIASED_VALUES} values` }]);
  }
}

function lineOf(document: Document, lines: LineCounter, place: Place): number | undefined {
  if (place.length === 0) return undefined;
  const last = place.at(-1);
  const above = place.slice(0, -1);
  const parent = document.getIn(above, true);
  let node: unknown;
  if (isMap(parent)) node = parent.items.find(({ key }) => isScalar(key) && key.value === last)?.key;
  else if (isSeq(parent) && typeof last === 'number') node = parent.items[last];
  return lineAt(lines, node).line ?? lineOf(document, lines, above);
}

function lineAt(lines: LineCounter, node: unknown): { line?: number } {
  return isNode(node) && node.range ? { line: lines.linePos(node.range[0]).line } : {};
}

function notYaml(problems: readonly Problem[]): ConfigError {
  return new ConfigError(
    'not_yaml',
    'the configuration is no valid YAML',
    'Correct the lines named.',
    problems,
  );
}
