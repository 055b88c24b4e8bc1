// Publishes two archives in turn until it is killed, and tells its parent of each.
import { readFile } from 'node:fs/promises';
import { openRevisions } from '../../dist/bundles/revisions.js';
import { digestOf } from '../../dist/bundles/verify.js';

const [directory, ...files] = process.argv.slice(2);
const archives = await Promise.all(files.map((file) => readFile(file)));
const revisions = openRevisions(directory);
for (;;) {
  for (const [index, archive] of archives.entries()) {
    await revisions.publish(archive, {
      bundle: 'tiny',
      revision: `r${index + 1}`,
      digest: digestOf(archive),
      published_at: new Date().toISOString(),
      published_by: 'issuer|publisher',
    });
    process.send?.('published');
  }
}
