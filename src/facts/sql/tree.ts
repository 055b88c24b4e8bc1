/** A node of PostgreSQL's parse tree as JSON; nothing is taken for granted of what is in it. */
export type TreeNode = Readonly<Record<string, unknown>>;

/** The value as a node, where it is an object. */
export function nodeOf(value: unknown): TreeNode | undefined {
  return isNode(value) ? value : undefined;
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements of a list; none where it is no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A name in parts, as `[{"String": {"sval": "schema"}}, …]`, joined by dots. */
export function nameOf(parts: unknown): string {
  return listOf(parts)
    .map((part) => nodeOf(nodeOf(part)?.['String'])?.['sval'])
    .filter((part) => typeof part === 'string')
    .join('.');
}
