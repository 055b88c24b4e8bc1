import { createRequire } from 'node:module';
import { Language, Parser, type Tree } from 'web-tree-sitter';

const require = createRequire(import.meta.url);

/** The grammar mends errors by trying, which takes seconds for some texts; what is no error takes a twentieth of this. */
const MOST_MILLISECONDS = 300;

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
 * @returns undefined where the grammar is not loaded, or the parser gave up or took too long
 */
export function withTree<Value>(text: string, read: (tree: Tree) => Value): Value | undefined {
  const deadline = performance.now() + MOST_MILLISECONDS;
  const tree =
    loaded?.parse(text, null, { progressCallback: () => performance.now() > deadline }) ?? undefined;
  if (tree === undefined) {
    loaded?.reset(); // else the next text would be read as the rest of this one
    return undefined;
  }
  try {
    return read(tree);
  } finally {
    tree.delete();
  }
}
