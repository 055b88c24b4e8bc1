// Publishes archives with the serials that it is given, one after the other, and tells its parent of each: how it ended.
import { createHash } from 'node:crypto';
import { openDirectoryStore } from '../../dist/bundles/index.js';
import { openStore } from '../../dist/store/index.js';

const [kind, path, from, to, step] = process.argv.slice(2);
const store = kind === 'sql' ? (await openStore(path)).revisions : openDirectoryStore(path);
process.send('ready');
await new Promise((go) => process.once('message', go));
for (let serial = Number(from); serial <= Number(to); serial += Number(step)) {
  const archive = Buffer.alloc(100_000, String(serial));
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  const time = new Date().toISOString();
  const advance = () =>
    store.advance((current) => {
      const before = current.find(({ channel }) => channel === 'stable');
      if (before !== undefined && before.serial > serial) throw new RangeError('too low');
      const published = { published_at: time, published_by: 'p', since: time, by: 'p' };
      return {
        bundle: 'tiny',
        channel: 'stable',
        revision: `r${serial}`,
        digest,
        serial,
        roots: [],
        ...published,
      };
    }, archive);
  for (;;) {
    try {
      await advance();
      process.send(serial);
      break;
    } catch (thrown) {
      if (thrown instanceof RangeError) break;
      // The other process holds the lock; a publisher would be told so.
      if (thrown.code !== 'busy') throw thrown;
    }
  }
}
process.disconnect();
