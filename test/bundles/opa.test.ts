import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { locateOpa, OPA_VERSION, opaCachePath, runOpa } from '../../src/bundles/index.js';
import { removeScratch, scratchPath, writeFiles } from './project.js';

const kept = { ...process.env };
let empty: string;

beforeEach(async () => {
  empty = await scratchPath();
  await writeFiles(empty, { 'cache/.keep': '', 'bin/.keep': '' });
  delete process.env['OPA_BIN'];
  process.env['XDG_CACHE_HOME'] = join(empty, 'cache');
  process.env['PATH'] = `${join(empty, 'bin')}:/bin:/usr/bin`;
});
afterEach(() => {
  for (const name of ['OPA_BIN', 'XDG_CACHE_HOME', 'PATH']) {
    if (kept[name] === undefined) delete process.env[name];
    else process.env[name] = kept[name];
  }
});
afterAll(removeScratch);

async function fakeOpa(path: string, script: string): Promise<string> {
  await writeFiles(empty, { [path]: `#!/bin/sh\n${script}\n` });
  await chmod(join(empty, path), 0o755);
  return join(empty, path);
}

test('OPA_BIN goes before the cache, and the cache before PATH', async () => {
  const inPath = await fakeOpa('bin/opa', `echo "Version: ${OPA_VERSION}"`);
  await expect(locateOpa()).resolves.toBe('opa');
  const inCache = await fakeOpa(`cache/regate/opa/v${OPA_VERSION}/opa`, `echo "Version: ${OPA_VERSION}"`);
  expect(opaCachePath()).toBe(inCache);
  await expect(locateOpa()).resolves.toBe(inCache);
  process.env['OPA_BIN'] = inPath;
  await expect(locateOpa()).resolves.toBe(inPath);
});

test('another version on PATH does not count', async () => {
  await fakeOpa('bin/opa', 'echo "Version: 0.70.0"');
  await expect(locateOpa()).rejects.toMatchObject({
    code: 'opa_missing',
    nextStep: expect.stringContaining('npm run setup'),
  });
});

test('OPA_BIN must be there, run, and be the pinned version', async () => {
  process.env['OPA_BIN'] = join(empty, 'nowhere');
  await expect(locateOpa()).rejects.toMatchObject({ code: 'opa_missing' });
  process.env['OPA_BIN'] = await fakeOpa('other', 'echo "Version: 0.70.0"');
  await expect(locateOpa()).rejects.toMatchObject({
    code: 'opa_version',
    message: expect.stringMatching(/0\.70\.0/),
  });
  process.env['OPA_BIN'] = await fakeOpa('broken', 'exit 1');
  await expect(locateOpa()).rejects.toMatchObject({
    code: 'opa_version',
    message: expect.stringMatching(/does not run/),
  });
});

test('a run ends with its status, or with an error where it hangs or cannot start', async () => {
  const fails = await fakeOpa('fails', 'echo out; echo err >&2; exit 2');
  await expect(runOpa(fails, [])).resolves.toEqual({ stdout: 'out\n', stderr: 'err\n', status: 2 });
  const hangs = await fakeOpa('hangs', 'exec sleep 60');
  await expect(runOpa(hangs, ['test'], { timeout: 50 })).rejects.toMatchObject({
    code: 'opa_failed',
    message: expect.stringMatching(/50 ms/),
  });
  await expect(runOpa(join(empty, 'nowhere'), [])).rejects.toMatchObject({ code: 'opa_failed' });
});
