import type { SqlStatement } from '../../domain/index.js';
import { listOf, nodeOf, type TreeNode } from './tree.js';

/** What restricts the rows that a statement changes. That a column is compared does not say that any row is left out. */
export function whereOf(type: string, node: TreeNode): SqlStatement['where'] {
  if (type !== 'UpdateStmt' && type !== 'DeleteStmt') return null;
  const condition = nodeOf(node['whereClause']);
  if (condition === undefined) return 'none';
  return restricts(condition) ? 'columns' : 'constant';
}

/** Whether a condition depends on the row: no `1 = 1`, no `a = a`, and no `… OR true`. */
function restricts(condition: TreeNode): boolean {
  const logical = nodeOf(condition['BoolExpr']);
  if (logical === undefined) return namesColumn(condition) && !comparesSame(condition);
  const parts = listOf(logical['args']).map((part) => restricts(nodeOf(part) ?? {}));
  return logical['boolop'] === 'OR_EXPR' ? parts.every(Boolean) : parts.some(Boolean);
}

function namesColumn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesColumn);
  const node = nodeOf(value);
  if (node === undefined) return false;
  return 'ColumnRef' in node || Object.values(node).some(namesColumn);
}

function comparesSame(condition: TreeNode): boolean {
  const comparison = nodeOf(condition['A_Expr']);
  return comparison !== undefined && textOf(comparison['lexpr']) === textOf(comparison['rexpr']);
}

/** Where it stands apart. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => (key === 'location' ? undefined : member)) ?? '';
}
