import { mkdir, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IncompleteError } from '../../src/bundles/index.js';
import { unpack } from './forge.js';
import { archivesOf, type ClientOptions, type Gateway, gatewayFor, type Said } from './gateway.js';
import { closeServers, until } from './http.js';
import { buildTiny, removeScratch } from './project.js';

interface Offered extends Said {
  /** Whether the engine cannot put it in force. */
  readonly fails?: true;
}
interface Case {
  readonly name: string;
  readonly requireSerial?: boolean;
  readonly offered: readonly (
    | Offered
    | 'restart'
    | 'lose the kept bundle'
    | 'put 4 in the place of the kept bundle'
  )[];
  readonly expected: readonly string[];
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../cases/bundles/serials.json', import.meta.url), 'utf8'),
);

let files: Map<string, Buffer>;
let gateway: Gateway;

beforeAll(async () => {
  files = await unpack((await buildTiny()).archive);
});
afterEach(async () => {
  gateway.close();
  await closeServers();
});
afterAll(removeScratch);

const archiveOf = archivesOf(() => files);

const restarted = (options: Partial<ClientOptions> = {}) => {
  gateway.close();
  return gatewayFor({ directory: gateway.directory, ...options });
};
const outcomes = ({ events }: Gateway) =>
  events.flatMap((event) =>
    event.type === 'refused' ? [event.code] : event.type === 'activated' ? [event.type] : [],
  );

test.each(cases)('$name', async ({ offered, expected, requireSerial = false }) => {
  let fails = false;
  const options: Partial<ClientOptions> = {
    requireSerial,
    activate: async (_, beforeLive) => {
      if (fails) throw new Error('no memory');
      await beforeLive();
    },
  };
  gateway = await gatewayFor(options);
  const seen: string[] = [];
  for (const step of offered) {
    if (typeof step === 'object') {
      const { fails: doesFail = false, ...said } = step;
      fails = doesFail;
      seen.push(await gateway.offer(await archiveOf(said)));
      continue;
    }
    gateway.close();
    const kept = join(gateway.directory, 'tiny.tar.gz');
    if (step === 'lose the kept bundle') await rm(kept);
    if (step === 'put 4 in the place of the kept bundle')
      await writeFile(kept, await archiveOf({ serial: 4 }));
    gateway = await restarted(options);
    seen.push(...outcomes(gateway));
  }
  expect(seen).toEqual(expected);
});

test('an old bundle is told once and leaves what is in force', async () => {
  gateway = await gatewayFor({});
  await gateway.offer(await archiveOf({ serial: 5, revision: 'five' }));
  await gateway.offer(await archiveOf({ serial: 4, revision: 'four' }));
  expect(gateway.events[2]).toMatchObject({
    type: 'refused',
    code: 'serial_too_low',
    message: 'the bundle has the serial 4, and one with 5 came before it',
    nextStep: expect.stringContaining('regate rollback'),
  });
  expect(gateway.inForce).toEqual(['five']);
  expect(gateway.client.status()).toMatchObject({
    revision: { revision: 'five' },
    lastError: expect.stringContaining('serial 4'),
  });
});

test('a rollback is told as one', async () => {
  gateway = await gatewayFor({});
  await gateway.offer(await archiveOf({ serial: 7, revision: 'old', rollback: { to: 'old' } }));
  expect(gateway.events.at(-1)).toMatchObject({ type: 'activated', rollbackTo: 'old' });
});

describe('a crash in the middle of an activation', () => {
  /** The engine stops in the middle, as a process that is killed there. */
  async function crashes(where: 'before it is live' | 'when it is as good as live') {
    let isThere = false;
    gateway = await gatewayFor({});
    await gateway.offer(await archiveOf({ serial: 5, revision: 'five' }));
    gateway = await restarted({
      activate: async ({ revision }, beforeLive) => {
        if (revision.revision === 'five') return beforeLive();
        if (where === 'when it is as good as live') await beforeLive();
        isThere = true;
        return new Promise(() => undefined);
      },
    });
    gateway.serve(await archiveOf({ serial: 6, revision: 'six' }));
    await until(() => isThere);
    gateway = await restarted();
  }

  test('leaves the one before where the new one was not live', async () => {
    await crashes('before it is live');
    expect(gateway.inForce).toEqual(['five']);
    expect(await gateway.offer(await archiveOf({ serial: 6, revision: 'six' }))).toBe('activated');
  });

  test('brings the new one where that may have been live', async () => {
    await crashes('when it is as good as live');
    expect(gateway.inForce).toEqual(['six']);
    expect(await gateway.offer(await archiveOf({ serial: 5, revision: 'five' }))).toBe('serial_too_low');
  });
});

describe('a bundle that waited comes in force while an older one is on its way', () => {
  test('the older one is refused, and the serial stays', async () => {
    let comeInForce = async (): Promise<void> => undefined;
    gateway = await gatewayFor({
      activate: async ({ revision }, beforeLive) => {
        if (revision.revision === 'ten') {
          const inForce = new Promise<void>((resolve) => {
            comeInForce = async () => {
              await beforeLive();
              resolve();
            };
          });
          throw new IncompleteError('the data bundle roles', inForce);
        }
        // What was missing has come meanwhile: changes are made one after the other.
        await comeInForce();
        await beforeLive();
      },
    });
    gateway.serve(await archiveOf({ serial: 10, revision: 'ten' }));
    await until(() => gateway.events.some(({ type }) => type === 'waiting'));
    gateway.serve(await archiveOf({ serial: 5, revision: 'five' }));
    await until(() => gateway.client.status().errorCode === 'serial_too_low');
    expect(gateway.client.status()).toMatchObject({ revision: { revision: 'ten' }, serial: 10 });
    expect(JSON.parse(await readFile(join(gateway.directory, 'tiny.serial.json'), 'utf8')).serial).toBe(10);
  });
});

describe('the mark', () => {
  const mark = () => join(gateway.directory, 'tiny.serial.json');

  test.each([
    ['empty', ''],
    ['no JSON', '{"serial":5'],
    ['without a digest', '{"serial":5}'],
    ['with a serial that is none', '{"serial":-1,"digest":"sha256:00"}'],
    ['with more than is known', `{"serial":5,"digest":"sha256:${'0'.repeat(64)}","by":"me"}`],
  ])('that is %s keeps everything out, until it is put right', async (_, text) => {
    gateway = await gatewayFor({});
    await gateway.offer(await archiveOf({ serial: 5 }));
    const right = await readFile(mark(), 'utf8');
    await writeFile(mark(), text);
    gateway = await restarted();
    expect(gateway.inForce).toEqual([]);
    expect(outcomes(gateway)).toEqual(['mark_invalid']);
    expect(await gateway.offer(await archiveOf({ serial: 6 }))).toBe('mark_invalid');
    expect(gateway.client.status().lastError).toContain('tiny.serial.json');

    const refused = gateway.events.length;
    await writeFile(mark(), right);
    await until(() => gateway.inForce.length === 1);
    expect(gateway.events.slice(refused)).toMatchObject([{ type: 'activated' }]);
  });

  test('that cannot be written keeps a newer bundle out, and the last good one stays', async () => {
    gateway = await gatewayFor({});
    await gateway.offer(await archiveOf({ revision: 'plain' }));
    await new Promise((made) => mkdir(mark(), made));
    expect(await gateway.offer(await archiveOf({ serial: 6 }))).toBe('mark_invalid');
    expect(gateway.inForce).toEqual(['plain']);
  });

  test('that goes away meanwhile opens no way back', async () => {
    gateway = await gatewayFor({});
    await gateway.offer(await archiveOf({ serial: 5 }));
    await rm(mark());
    expect(await gateway.offer(await archiveOf({ serial: 4 }))).toBe('serial_too_low');
  });
});
