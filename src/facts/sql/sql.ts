import type { SqlFacts } from '../../domain/index.js';
import { parseTree } from './parser.js';
import { statementsIn } from './statements.js';
import { listOf, nodeOf } from './tree.js';

/** A longer text is not read: parsing takes a few milliseconds for so much. */
const MOST_CHARACTERS = 65_536;
const MOST_STATEMENTS = 500;
/** PostgreSQL goes back over an open comment for each that is opened in it, to the end of the text. */
const MOST_COMMENTS = 1_000;

/**
 * Reads SQL as PostgreSQL does. Other servers read other comments and quotes: what is read here holds for PostgreSQL only.
 *
 * @param text - undefined where the argument is no string
 */
export function readSql(text: string | undefined): SqlFacts {
  const unreadable: SqlFacts = { readable: false, count: 0, statements: [] };
  if (text === undefined || text.length > MOST_CHARACTERS || text.includes('\0')) return unreadable;
  if (text.split('/*').length > MOST_COMMENTS) return unreadable;
  const tree = parseTree(text);
  const statements = tree === undefined ? undefined : statementsIn(tree);
  if (statements === undefined || statements.length > MOST_STATEMENTS) return unreadable;
  return { readable: true, count: listOf(nodeOf(tree)?.['stmts']).length, statements };
}
