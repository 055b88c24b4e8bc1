import { jest } from '@jest/globals';
import { watchExpiry } from '../../src/bundles/expiry.js';
import { forge, unpack } from './forge.js';
import { type Gateway, gatewayFor, manifestOf } from './gateway.js';
import { closeServers, until } from './http.js';
import { buildTiny, removeScratch } from './project.js';

let files: Map<string, Buffer>;
let gateway: Gateway | undefined;

beforeAll(async () => {
  files = await unpack((await buildTiny()).archive);
});
afterEach(async () => {
  jest.useRealTimers();
  gateway?.close();
  await closeServers();
});
afterAll(removeScratch);

/** A whole second, as it stands in a manifest. */
const inSeconds = (seconds: number) =>
  new Date(Math.ceil(Date.now() / 1000 + seconds) * 1000).toISOString().replace('.000', '');
const expiring = (expires: string) =>
  forge(files, { signed: { '.manifest': manifestOf({ serial: 5, expires }) } });

test('a bundle that expires while in force stays so, and that is told', async () => {
  gateway = await gatewayFor({});
  const { client, events, inForce } = gateway;
  const expires = inSeconds(0.5);
  expect(await gateway.offer(await expiring(expires))).toBe('activated');
  expect(client.status().expiry).toEqual({ at: expires, isPast: false });
  await until(() => events.at(-1)?.type === 'expired');
  expect(events.at(-1)).toEqual({
    type: 'expired',
    revision: client.status().revision,
    expires,
    again: false,
  });
  expect(client.status().expiry).toEqual({ at: expires, isPast: true });
  expect(inForce).toEqual(['r']);

  // As a gateway that went on, so one that is started anew.
  client.close();
  gateway = await gatewayFor({ directory: gateway.directory });
  expect(gateway.events.map(({ type }) => type).slice(0, 2)).toEqual(['activated', 'expired']);
});

test('a newer bundle ends it', async () => {
  gateway = await gatewayFor({});
  await gateway.offer(await expiring(inSeconds(600)));
  await gateway.offer(await forge(files, { signed: { '.manifest': manifestOf({ serial: 6 }) } }));
  expect(gateway.client.status().expiry).toBeUndefined();
});

describe('the watch', () => {
  const START = Date.parse('2030-01-01T00:00:00Z');
  const told: boolean[] = [];
  let end: () => void;
  beforeEach(() => {
    told.length = 0;
    jest.useFakeTimers({ now: START });
  });
  afterEach(() => end());
  const watch = (expires: string) => {
    end = watchExpiry(expires, (again) => told.push(again));
  };

  test('tells to the second, and then every minute, until it ends', () => {
    watch('2030-03-01T00:00:00Z');
    jest.advanceTimersByTime(59 * 86_400_000 - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual([false]);
    jest.advanceTimersByTime(120_000);
    expect(told).toEqual([false, true, true]);
    end();
    jest.advanceTimersByTime(600_000);
    expect(told).toHaveLength(3);
  });

  test('notes within a minute that the clock was put forward', () => {
    watch('2030-03-01T00:00:00Z');
    jest.setSystemTime(Date.parse('2030-03-02T00:00:00Z'));
    jest.advanceTimersByTime(60_000);
    expect(told).toEqual([false]);
  });
});

test('a clock that is put back makes nothing valid again', async () => {
  gateway = await gatewayFor({});
  const expires = inSeconds(0);
  const archive = await expiring(expires);
  await until(() => Date.now() > Date.parse(expires));
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2020-01-01T00:00:00Z'));
  try {
    const { inForce, client } = gateway;
    expect(client.status().expiry).toBeUndefined();
    // `until` looks at the clock too.
    const refused = gateway.offer(archive);
    expect(await refused).toBe('expired');
    expect(inForce).toEqual([]);
  } finally {
    clock.mockRestore();
  }
});
