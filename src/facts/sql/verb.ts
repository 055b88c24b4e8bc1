import type { TreeNode } from './tree.js';

/** Statements whose type does not begin with the word that they are written with. */
const VERBS: Readonly<Record<string, string>> = {
  IndexStmt: 'CREATE',
  ViewStmt: 'CREATE',
  RuleStmt: 'CREATE',
  DefineStmt: 'CREATE',
  CompositeTypeStmt: 'CREATE',
  RenameStmt: 'ALTER',
  VariableSetStmt: 'SET',
  VariableShowStmt: 'SHOW',
  ConstraintsSetStmt: 'SET',
  ClosePortalStmt: 'CLOSE',
  CheckPointStmt: 'CHECKPOINT',
  SecLabelStmt: 'SECURITY',
  ReassignOwnedStmt: 'REASSIGN',
};

/** The type of a statement's node: `DeleteStmt`. */
export function isStatement(type: string): boolean {
  return /^[A-Z]\w*Stmt$/.test(type) && type !== 'RawStmt';
}

/** The word that a statement begins with, in capitals. */
export function verbOf(type: string, node: TreeNode): string {
  if (type === 'GrantStmt' || type === 'GrantRoleStmt') return node['is_grant'] === true ? 'GRANT' : 'REVOKE';
  return VERBS[type] ?? (/^[A-Z][a-z]*/.exec(type)?.[0] ?? type).toUpperCase();
}
