import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../src/store/index.js';

const folders: string[] = [];
const opened: Store[] = [];

/** The path of a store that does not exist yet, in a folder of its own. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'regate-store-'));
  folders.push(folder);
  return join(folder, 'regate.db');
}

/** A store that is closed after the test. */
export async function open(path = freshPath()): Promise<Store> {
  const store = await openStore(path);
  opened.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
