import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FallingBack, fallingBack } from './falling-back.js';
import { forge, unpack } from './forge.js';
import { manifestOf } from './gateway.js';
import { closeServers, serve, until } from './http.js';
import { buildTiny, KEY, removeScratch, scratchPath } from './project.js';

const CHILD = fileURLToPath(new URL('./fall-back-process.mjs', import.meta.url));
const KILLS = 8;
let child: ChildProcess | undefined;
let again: FallingBack | undefined;

afterEach(async () => {
  child?.kill('SIGKILL');
  again?.close();
  await closeServers();
});
afterAll(removeScratch);

/**
 * A gateway falls back from each bundle that comes after the one it started with, and is killed at a moment of chance. Whatever it was doing: when it
 * starts again it has a bundle at once, and never one of which it said that it fell back from it.
 */
test('killed at any moment, it never comes back to what it fell back from', async () => {
  const files = await unpack((await buildTiny()).archive);
  const signed = (revision: string, serial: number) =>
    forge(files, { signed: { '.manifest': manifestOf({ revision, serial }) } });
  let serial = 1;
  let offered = await signed('good', serial);
  const { url } = await serve((request, response) => {
    const etag = `"${serial}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { ETag: etag }).end(offered);
  });
  const directory = await scratchPath();
  let fallBacks = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const left = new Set<string>();
    const started: string[] = [];
    child = fork(CHILD, [directory, url, JSON.stringify(KEY)], { execArgv: [] });
    child.on('message', (said: { activated?: string; fellBackFrom?: string }) => {
      if (said.activated !== undefined) started.push(said.activated);
      if (said.fellBackFrom !== undefined) left.add(said.fellBackFrom);
    });
    await until(() => started.length > 0);
    for (let bundle = 0; bundle < 2; bundle += 1) {
      const before = left.size;
      offered = await signed(`bad-${serial + 1}`, serial + 1);
      serial += 1;
      if (bundle === 0) await until(() => left.size > before);
      // Where the second one is when the kill comes is left to chance.
      else await until(() => Math.random() < 0.2 + kill / (2 * KILLS));
    }
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    fallBacks += left.size;

    again = await fallingBack({ tiny: offered }, { directory });
    const [first] = again.events;
    expect(first).toMatchObject({ type: 'activated', source: 'disk' });
    const revision = first?.type === 'activated' ? first.revision.revision : '';
    expect(left).not.toContain(revision);
    again.close();
  }
  expect(fallBacks).toBeGreaterThanOrEqual(KILLS);
}, 120_000);
