import { createRequire } from 'node:module';
import { Language, Parser, type Tree } from 'web-tree-sitter';

const require = createRequire(import.meta.url);

let loading: Promise<Parser> | undefined;
let loaded: Parser | undefined;

/** Loads the grammar of bash, once for the process. */
export async function loadShellGrammar(): Promise<void> {
  loading ??= load();
  loaded = await loading;
}

async function load(): Promise<Parser> {
  await Parser.init();
  const language = await Language.load(require.resolve('tree-sitter-bash/tree-sitter-bash.wasm'));
  return new Parser().setLanguage(language);
}

/**
 * Parses a text and hands the tree on; it is gone afterwards.
 *
 * @returns undefined where the grammar is not loaded, or the parser gave up
 */
export function withTree<Value>(text: string, read: (tree: Tree) => Value): Value | undefined {
  const tree = loaded?.parse(text) ?? undefined;
  if (tree === undefined) return undefined;
  try {
    return read(tree);
  } finally {
    tree.delete();
  }
}
