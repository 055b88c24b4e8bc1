import type { SqlStatement } from '../../domain/index.js';
import { whereOf } from './condition.js';
import { listOf, nameOf, nodeOf, type TreeNode } from './tree.js';
import { isStatement, verbOf } from './verb.js';

/** Deeper trees are not read. */
const MOST_DEPTH = 1_000;
/** Statements that change the tables that they name as their own `relation`. */
const CHANGING = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'AlterTableStmt',
  'CreateStmt',
  'RenameStmt',
  'IndexStmt',
  'RefreshMatViewStmt',
]);
/** What `DROP` takes away that holds rows. */
const RELATIONS = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
]);

/** What is being gathered of one statement. */
interface Gathering {
  readonly type: string;
  readonly node: TreeNode;
  readonly nested: boolean;
  readonly tables: Set<string>;
  readonly writes: Set<string>;
  readonly functions: Set<string>;
}

/** Where in the tree: names that `WITH` gave, which are no tables, and how deep it is. */
interface Position {
  readonly statement: Gathering | undefined;
  readonly given: ReadonlySet<string>;
  readonly depth: number;
}

/**
 * Every statement of a parse tree.
 *
 * @returns undefined where the tree is too deep
 */
export function statementsIn(tree: unknown): SqlStatement[] | undefined {
  const gathered: Gathering[] = [];
  let isTooDeep = false;
  visit(tree, { statement: undefined, given: new Set(), depth: 0 });
  return isTooDeep ? undefined : gathered.map(statementOf);

  function visit(value: unknown, position: Position): void {
    if (position.depth > MOST_DEPTH) isTooDeep = true;
    if (isTooDeep) return;
    const deeper = { ...position, depth: position.depth + 1 };
    if (Array.isArray(value)) for (const element of value) visit(element, deeper);
    const node = nodeOf(value);
    if (node === undefined) return;
    const { statement: around } = position;
    if (around !== undefined) note(around, node, position.given);
    // The arms of a set operation are no statements to the parser, and may have a WITH of their own.
    const isArm = around !== undefined && node !== around.node && 'withClause' in node;
    const below = isArm ? { ...deeper, given: withNames(node, deeper, around) } : deeper;
    for (const [type, member] of Object.entries(node)) {
      const inner = nodeOf(member);
      if (inner !== undefined && isStatement(type)) statement(type, inner, below);
      else if (type !== 'withClause') visit(member, below);
    }
  }

  function statement(type: string, node: TreeNode, position: Position): void {
    const gathering: Gathering = {
      type,
      node,
      nested: position.statement !== undefined,
      tables: new Set(),
      writes: new Set(writtenBy(type, node)),
      functions: new Set(),
    };
    gathered.push(gathering);
    visit(node, { ...position, statement: gathering, given: withNames(node, position, gathering) });
  }

  /** Visits the queries of `WITH`, each of which sees the names before it, or all where it is recursive. */
  function withNames(node: TreeNode, position: Position, statement: Gathering): ReadonlySet<string> {
    const clause = nodeOf(node['withClause']);
    const expressions = listOf(clause?.['ctes']).map((element) =>
      nodeOf(nodeOf(element)?.['CommonTableExpr']),
    );
    const names = expressions.map((expression) => String(expression?.['ctename']));
    const all = new Set([...position.given, ...names]);
    expressions.forEach((expression, index) => {
      const before = new Set([...position.given, ...names.slice(0, index)]);
      visit(expression, { ...position, statement, given: clause?.['recursive'] === true ? all : before });
    });
    return all;
  }
}

function note(
  { tables, writes, functions, type }: Gathering,
  node: TreeNode,
  given: ReadonlySet<string>,
): void {
  const table = tableOf(node);
  // What WITH names has no schema.
  const isGiven = node['schemaname'] === undefined && table !== undefined && given.has(table);
  if (table !== undefined && !isGiven) tables.add(table);
  const target = nodeOf(nodeOf(node['intoClause'] ?? node['into'])?.['rel']);
  const created = target === undefined ? undefined : tableOf(target);
  if (created !== undefined && type !== 'ViewStmt') writes.add(created);
  const call = nameOf(nodeOf(node['FuncCall'])?.['funcname'] ?? nodeOf(node['funccall'])?.['funcname']);
  if (call !== '') functions.add(call.replace(/^pg_catalog\./, ''));
}

function tableOf({ schemaname, relname }: TreeNode): string | undefined {
  if (typeof relname !== 'string') return undefined;
  const name = quoted(relname);
  return typeof schemaname === 'string' ? `${quoted(schemaname)}.${name}` : name;
}

/** A name that holds a dot of its own, as no other name reads. */
function quoted(name: string): string {
  return name.includes('.') ? `"${name}"` : name;
}

function writtenBy(type: string, node: TreeNode): string[] {
  const own = nodeOf(node['relation']);
  const isCopiedInto = type === 'CopyStmt' && node['is_from'] === true;
  if (own !== undefined && (CHANGING.has(type) || isCopiedInto))
    return [tableOf(own)].filter((name) => name !== undefined);
  if (type === 'TruncateStmt') {
    return listOf(node['relations']).flatMap(
      (element) => tableOf(nodeOf(nodeOf(element)?.['RangeVar']) ?? {}) ?? [],
    );
  }
  return type === 'DropStmt' && RELATIONS.has(String(node['removeType'])) ? droppedBy(node) : [];
}

function droppedBy(node: TreeNode): string[] {
  return listOf(node['objects']).map((element) => nameOf(nodeOf(nodeOf(element)?.['List'])?.['items']));
}

function statementOf({ type, node, nested, tables, writes, functions }: Gathering): SqlStatement {
  return {
    verb: verbOf(type, node),
    tables: [...new Set([...tables, ...writes])],
    writes: [...writes],
    where: whereOf(type, node),
    functions: [...functions],
    outside: type === 'CopyStmt' && (node['is_program'] === true || typeof node['filename'] === 'string'),
    nested,
  };
}
