import type { AuditRecord } from '../domain/index.js';
import type { AuditStore } from './store.js';

/** A record may hold a megabyte. */
const PAGE = 100;

/** All records that there are, oldest first, a few at a time. */
export async function* allRecords(store: AuditStore): AsyncGenerator<AuditRecord, void> {
  let page = await store.read(0, PAGE);
  while (page.length > 0) {
    yield* page;
    page = await store.read(page.at(-1)?.sequence ?? 0, PAGE);
  }
}
