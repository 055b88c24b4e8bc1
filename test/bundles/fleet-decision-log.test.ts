import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDecisionLog } from '../../src/bundles/index.js';
import { removeScratch, scratchPath } from './project.js';

const KIBIBYTE = 1024;
const MOST = 1024 * KIBIBYTE;

let directory: string;
beforeEach(async () => {
  directory = await scratchPath();
});
afterAll(removeScratch);

const lineOf = (number: number, bytes: number) => `${number}`.padEnd(bytes - 1, '.');
async function files(): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(directory)).sort();
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })),
  );
}
async function numbers(): Promise<number[]> {
  return (await files()).flatMap(({ text }) => text.split('\n').slice(0, -1).map(Number.parseFloat));
}

test('lines are appended to one file until it is full, and the folder is its owner’s', async () => {
  const log = openDecisionLog({ directory, mostBytes: MOST });
  await log.append([lineOf(1, 30 * KIBIBYTE), lineOf(2, 30 * KIBIBYTE)]);
  await log.append([lineOf(3, 4 * KIBIBYTE)]);
  await log.append([lineOf(4, 10)]);
  expect((await files()).map(({ text }) => text.length)).toEqual([64 * KIBIBYTE, 10]);
  expect(await numbers()).toEqual([1, 2, 3, 4]);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test('the oldest go first, and never is there more than may be', async () => {
  const log = openDecisionLog({ directory, mostBytes: MOST });
  let most = 0;
  for (let number = 0; number < 100; number += 1) {
    await log.append([lineOf(number, 50 * KIBIBYTE)]);
    const bytes = (await files()).reduce((total, { text }) => total + text.length, 0);
    most = Math.max(most, bytes);
  }
  expect(most).toBeLessThanOrEqual(MOST);
  expect(most).toBeGreaterThan(0.9 * MOST);
  const kept = await numbers();
  expect(kept).toEqual(kept.map((_, index) => 100 - kept.length + index));
});

test('one upload larger than a file has a file of its own; one larger than all is refused', async () => {
  const log = openDecisionLog({ directory, mostBytes: MOST });
  await log.append([lineOf(1, 10)]);
  await log.append([lineOf(2, MOST - 10)]);
  expect(await numbers()).toEqual([1, 2]);
  await log.append([lineOf(3, MOST)]);
  expect(await numbers()).toEqual([3]);
  await expect(log.append([lineOf(4, MOST + 1)])).rejects.toMatchObject({ code: 'report_too_big' });
  expect(await numbers()).toEqual([3]);
});

test('uploads at once come one after the other, each whole', async () => {
  const log = openDecisionLog({ directory, mostBytes: MOST });
  const batches = Array.from({ length: 20 }, (_, batch) =>
    [0, 1, 2].map((line) => lineOf(batch * 3 + line, 100)),
  );
  await Promise.all(batches.map((lines) => log.append(lines)));
  expect(await numbers()).toEqual(Array.from({ length: 60 }, (_, number) => number));
});

test('after a restart another file is begun, since the last one may end within a line', async () => {
  await openDecisionLog({ directory, mostBytes: MOST }).append([lineOf(1, 10)]);
  const [first] = await files();
  await appendFile(join(directory, first?.name ?? ''), 'half a li');
  await openDecisionLog({ directory, mostBytes: MOST }).append([lineOf(2, 10)]);
  expect(await numbers()).toEqual([1, 2]);
});

test('what fails is told, and the next one is tried anew', async () => {
  const log = openDecisionLog({ directory, mostBytes: MOST });
  await writeFile(directory, 'a file in its way');
  await expect(log.append([lineOf(1, 10)])).rejects.toMatchObject({ code: 'EEXIST' });
  await rm(directory);
  await log.append([lineOf(2, 10)]);
  const [begun] = await files();
  await rm(join(directory, begun?.name ?? ''));
  await mkdir(join(directory, begun?.name ?? ''));
  await expect(log.append([lineOf(3, 10)])).rejects.toMatchObject({ code: 'EISDIR' });
  await log.append([lineOf(4, 10)]);
  await rm(join(directory, begun?.name ?? ''), { recursive: true });
  expect(await numbers()).toEqual([4]);
});

test('files of others stay', async () => {
  await mkdir(directory);
  await chmod(directory, 0o700);
  await writeFile(join(directory, 'README'), 'x'.repeat(MOST));
  const log = openDecisionLog({ directory, mostBytes: MOST });
  for (let number = 0; number < 20; number += 1) await log.append([lineOf(number, 60 * KIBIBYTE)]);
  expect((await readdir(directory)).includes('README')).toBe(true);
});
