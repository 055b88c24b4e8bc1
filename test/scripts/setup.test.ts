import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { importScript, Project } from './project.js';

let project: Project;

beforeEach(() => {
  project = new Project();
});

afterEach(() => project.remove());

const DONE = { code: 0, output: '' };
const names = () => project.calls().map(([name]) => name);

test('a fresh clone is installed and built once; then there is nothing to do', async () => {
  expect(await project.setUp()).toEqual(DONE);
  expect(await project.setUp()).toEqual(DONE);
  expect(names()).toEqual(['npm', 'tsc']);
  expect(statSync(project.path('dist/main.js')).mode & 0o111).toBe(0o111);
});

test('changed sources are built again, and what was removed from them is gone', async () => {
  project.write('src/old.js', '// removed below');
  await project.setUp();
  project.write('src/main.js', '// changed');
  rmSync(project.path('src/old.js'));
  expect(await project.setUp()).toEqual(DONE);
  expect(names()).toEqual(['npm', 'tsc', 'tsc']);
  expect(readFileSync(project.path('dist/main.js'), 'utf8')).toBe('// changed');
  expect(existsSync(project.path('dist/old.js'))).toBe(false);
});

test('another lock file is installed', async () => {
  await project.setUp();
  project.write('package-lock.json', '{"lockfileVersion":3}');
  expect(await project.setUp()).toEqual(DONE);
  expect(names()).toEqual(['npm', 'tsc', 'npm', 'tsc']);
});

test('a set-up killed in mid-install takes npm with it, and the next one installs anew', async () => {
  await project.killWhile('npm');
  expect(existsSync(project.path('node_modules/.regate-setup'))).toBe(false);
  expect(await project.setUp()).toEqual(DONE);
  expect(names()).toEqual(['npm', 'npm', 'tsc']);
});

test('a set-up killed in mid-build leaves no half-built dist, and the next one builds anew', async () => {
  await project.killWhile('tsc');
  expect(existsSync(project.path('dist'))).toBe(false);
  expect(await project.setUp()).toEqual(DONE);
  expect(names()).toEqual(['npm', 'tsc', 'tsc']);
});

test('two set-ups at once do the work once', async () => {
  expect(await Promise.all([project.setUp(), project.setUp()])).toEqual([DONE, DONE]);
  expect(names()).toEqual(['npm', 'tsc']);
});

test('sources that do not compile are named, and the last good build stays', async () => {
  await project.setUp();
  project.write('src/main.js', '// broken');
  project.write('tsc-fails', '');
  expect(await project.setUp()).toEqual({
    code: 1,
    output: 'src/a.ts(1,1): error\n\nThe sources do not compile.\nCorrect what the compiler says above.\n',
  });
  expect(readFileSync(project.path('dist/main.js'), 'utf8')).toBe('// the program');
});

test.each([
  ['18.20.0', 'Regate needs Node 20.19 or newer; this is 18.20.0.'],
  ['20.18.9', 'Regate needs Node 20.19 or newer; this is 20.18.9.'],
  ['20.19.0', undefined],
  ['24.0.0', undefined],
])('Node %s: %s', async (version, message) => {
  const { requireNode } = await importScript<{ requireNode(version: string): void }>('setup.mjs');
  const check = () => requireNode(version);
  if (message === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(message);
});
