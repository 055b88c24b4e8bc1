import { loadModule, parseSync } from 'libpg-query';

let loading: Promise<void> | undefined;

/** Loads PostgreSQL's parser, once for the process. */
export async function loadSqlParser(): Promise<void> {
  loading ??= loadModule();
  await loading;
}

/** What PostgreSQL's parser makes of a text, as unread JSON; undefined where it refuses it, or is not loaded. */
export function parseTree(text: string): unknown {
  try {
    return parseSync(text);
  } catch (thrown) {
    if (thrown instanceof Error) return undefined; // a syntax error: what it is does not matter to policy
    throw thrown;
  }
}
