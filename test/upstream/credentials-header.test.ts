import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Upstream } from '../../src/upstream/index.js';
import {
  CALLERS_TOKEN,
  eventually,
  Folder,
  failure,
  json,
  permitFor,
  provenRoad,
  Recorder,
  result,
  send,
  shown,
} from './credentials.js';

let server: Recorder;
let folder: Folder;
let road: Upstream | undefined;

beforeEach(async () => {
  server = await Recorder.start();
  folder = new Folder();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await road?.close();
  await server.close();
  folder.remove();
});

function roadFor(file: string): Upstream {
  ({ road } = provenRoad(server, { kind: 'header', name: 'Authorization', prefix: 'Bearer ', file }));
  return road;
}

const last = () => server.authorizations.at(-1);

test("a value goes as it is configured, beside the fixed headers and in the place of the caller's own", async () => {
  ({ road } = provenRoad(server, { kind: 'header', name: 'X-Api-Key', prefix: 'key ', value: 'v4lue' }));
  expect(await send(road)).toBe(200);
  const [seen] = server.seen;
  expect(seen?.headers).toMatchObject({ 'x-api-key': 'key v4lue', 'x-own': 'own' });
  expect(JSON.stringify(seen)).not.toContain(CALLERS_TOKEN);
});

/** Ways in which platforms and people replace a file, each leading to one whose value is `second`. */
const replacements: Record<string, (path: string) => void> = {
  'is written anew': (path) => writeFileSync(path, 'second\n'),
  'is replaced by a rename': (path) => {
    writeFileSync(`${path}.new`, 'second\n');
    renameSync(`${path}.new`, path);
  },
  'is removed and made again': (path) => {
    unlinkSync(path);
    writeFileSync(path, 'second');
  },
};

/** A file that was just written may be written again without its times showing it, and is read each time. */
const ages = [
  ['just', 0],
  ['long ago', 600_000],
] as const;

test.each(
  Object.entries(replacements).flatMap(([way, replace]) =>
    ages.map(([when, milliseconds]) => [when, way, milliseconds, replace] as const),
  ),
)('a file that was written %s, and %s, gives its new value', async (_when, _way, milliseconds, replace) => {
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + milliseconds);
  const path = folder.file('token', 'first!\n');
  const road = roadFor(path);
  await send(road);
  expect(last()).toBe('Bearer first!');
  replace(path);
  await eventually(async () => (await send(road)) === 200 && last() === 'Bearer second');
});

test('a projected token is followed through its links, although the old one is still there', async () => {
  for (const [generation, value] of [
    ['..1', 'first'],
    ['..2', 'other'],
  ] as const) {
    mkdirSync(join(folder.path, generation));
    folder.file(`${generation}/token`, value);
  }
  symlinkSync('..1', join(folder.path, '..data'));
  symlinkSync('..data/token', join(folder.path, 'token'));
  const road = roadFor(join(folder.path, 'token'));
  await send(road);
  expect(last()).toBe('Bearer first');
  symlinkSync('..2', join(folder.path, '..new'));
  renameSync(join(folder.path, '..new'), join(folder.path, '..data'));
  await eventually(async () => (await send(road)) === 200 && last() === 'Bearer other');
  await send(road);
  expect(last()).toBe('Bearer other');
});

test('under load each request has a value that the file held, and none goes out when it is gone', async () => {
  const path = folder.file('token', 'value-0');
  const road = roadFor(path);
  const outcomes = new Set<string>();
  let going = true;
  const caller = async () => {
    while (going) outcomes.add(await send(road).then(String, ({ code }) => String(code)));
  };
  const callers = Array.from({ length: 20 }, caller);
  for (const value of ['value-1', 'value-2']) {
    writeFileSync(`${path}.new`, value);
    renameSync(`${path}.new`, path);
    await eventually(() => last() === `Bearer ${value}`);
  }
  expect([...outcomes]).toEqual(['200']);
  rmSync(path);
  await eventually(() => outcomes.has('upstream_credential'));
  await eventually(async () => {
    const before = server.seen.length;
    await new Promise((resolve) => setImmediate(resolve));
    return server.seen.length === before;
  });
  const whenGone = server.seen.length;
  await Promise.all(Array.from({ length: 20 }, () => failure(road)));
  going = false;
  await Promise.all(callers);
  expect(server.seen).toHaveLength(whenGone);
  const order = server.authorizations.map((value) => Number(value?.slice(-1)));
  expect(order).toEqual([...order].sort());
});

test.each([
  ['is missing', undefined],
  ['is empty', ''],
  ['holds white space only', ' \n\n'],
  ['holds two lines', 's3cret\nX-Other: s3cret'],
  ['begins with a blank', ' s3cret'],
  ['holds a control character', 's3cret\u0000'],
  ['holds what is no ASCII', 's3crét'],
  ['is larger than a header may be', 's3cret'.repeat(3_000)],
])('nothing is sent while the file %s', async (_what, contents) => {
  const road = roadFor(contents === undefined ? join(folder.path, 'none') : folder.file('token', contents));
  const error = await failure(road);
  expect(error).toMatchObject({ name: 'UpstreamError', code: 'upstream_credential' });
  expect(error.nextStep).toContain('`credential`');
  expect(shown(error)).not.toContain('s3cr');
  expect(error.message).not.toContain(folder.path); // the caller reads this
  expect(server.seen).toEqual([]);
});

test('a folder is no file', async () => {
  expect(await failure(roadFor(folder.path))).toMatchObject({ code: 'upstream_credential' });
});

test('what the file held before does not stand in for what cannot be read, and the next good value counts', async () => {
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 600_000); // it was written long ago
  const path = folder.file('token', 'first');
  const road = roadFor(path);
  await send(road);
  writeFileSync(path, '');
  await eventually(async () =>
    send(road).then(
      () => false,
      ({ code }) => code === 'upstream_credential',
    ),
  );
  writeFileSync(path, 'second');
  await eventually(async () => (await send(road).catch(() => 0)) === 200);
  expect(last()).toBe('Bearer second');
  expect(new Set(server.authorizations)).toEqual(new Set(['Bearer first', 'Bearer second']));
});

test('when the upstream refuses the value, the file is looked at at once and the same bytes go a second time', async () => {
  const path = folder.file('token', 'old');
  const road = roadFor(path);
  server.answer = (seen, response) =>
    seen.headers.authorization === 'Bearer new' ? result(seen, response) : json(response, 401, {});
  await failure(road);
  writeFileSync(path, 'new');
  expect(await send(road, permitFor({}, '{"jsonrpc":"2.0","id":1,"method":"x"}'))).toBe(200);
  expect(last()).toBe('Bearer new');
  expect(server.seen.at(-1)?.body.toString()).toBe('{"jsonrpc":"2.0","id":1,"method":"x"}');
});

test('a value that is refused and has no successor is sent once', async () => {
  server.answer = (_seen, response) => json(response, 401, { error: 'no' });
  const road = roadFor(folder.file('token', 's3cret'));
  const error = await failure(road);
  expect(error).toMatchObject({
    code: 'upstream_credential',
    message: "the upstream guarded refused the gateway's credential",
  });
  expect(shown(error)).not.toContain('s3cret');
  expect(server.seen).toHaveLength(1);
});
