import type { FactKind, FactSource, Facts, JsonDocument, JsonNode } from '../domain/index.js';
import { readPath } from './path.js';
import { type Found, placesAt } from './places.js';
import { loadShellGrammar } from './shell/parser.js';
import { readShell } from './shell/shell.js';
import { loadSqlParser } from './sql/parser.js';
import { readSql } from './sql/sql.js';
import { readUrl } from './url.js';

/** Of more values nothing is told but that they are not readable: what one call costs is bounded. */
const MOST_READ = 100;
const MOST_MILLISECONDS = 1_000;

/** Loads the grammars that sources need. Before that, nothing of these kinds is readable. */
export async function loadGrammars(sources: readonly FactSource[]): Promise<void> {
  if (sources.some(({ read }) => read === 'shell')) await loadShellGrammar();
  if (sources.some(({ read }) => read === 'sql')) await loadSqlParser();
}

/** A call's arguments; undefined where it has none. */
export interface Arguments {
  readonly upstream: string;
  readonly tool: string;
  readonly document: JsonDocument;
  readonly node: JsonNode | undefined;
}

/**
 * Reads a call's arguments, as far as sources say what is in them.
 *
 * @returns undefined where none of them speaks of this tool
 */
export function readFacts(sources: readonly FactSource[], call: Arguments): Facts | undefined {
  const own = sources.filter(({ upstream, tool }) => upstream === call.upstream && tool === call.tool);
  if (own.length === 0) return undefined;
  let left = MOST_READ;
  const deadline = performance.now() + MOST_MILLISECONDS;
  return {
    ...entries('shell', readShell),
    ...entries('sql', readSql),
    ...entries('url', readUrl),
    ...entries('path', readPath),
  };

  /** What is read of one kind, where there is to be any. No reader throws: what cannot be read is not readable. */
  function entries<Kind extends FactKind, Read>(kind: Kind, reader: (text: string | undefined) => Read) {
    const places = own
      .filter(({ read }) => read === kind)
      .flatMap(({ argument }) => placesOf(call, argument));
    if (places.length === 0) return undefined;
    const read = places.map((place) => {
      left -= 1;
      const isTooMuch = left < 0 || performance.now() > deadline;
      return { argument: place.argument, ...reader(isTooMuch ? undefined : textOf(call.document, place)) };
    });
    return { [kind]: read };
  }
}

function placesOf({ document, node }: Arguments, argument: string): Found[] {
  return node === undefined ? [] : placesAt(document, node, argument);
}

function textOf(document: JsonDocument, { node }: Found): string | undefined {
  return document.kind(node) === 'string' ? document.string(node) : undefined;
}
