import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { everythingCommand } from '../../src/demo/demo.js';
import { type Part, startPart } from '../../src/demo/part.js';
import { choosePorts } from '../../src/demo/ports.js';

let folder: string;
let port: number;
let part: Part;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'regate-everything-'));
  port = (await choosePorts('0', undefined)).everything;
  part = await startPart(
    {
      name: 'everything',
      ...everythingCommand(port),
      readyUrl: `http://127.0.0.1:${port}/mcp`,
      logFile: join(folder, 'everything.log'),
    },
    new AbortController().signal,
  );
});

afterAll(async () => {
  await part.stop();
  rmSync(folder, { recursive: true });
});

async function accepts(host: string): Promise<boolean> {
  const socket = connect({ host, port, timeout: 2_000 });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('the reference server listens on the loopback interface and on no other', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  expect(await accepts('127.0.0.1')).toBe(true);
  // A server on every interface answers on all of 127.0.0.0/8 too.
  for (const host of ['127.0.0.2', '::1', ...others])
    expect([host, await accepts(host)]).toEqual([host, false]);
});
