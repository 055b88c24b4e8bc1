import { once } from 'node:events';
import { createServer } from 'node:net';
import { choosePorts, mustBeFree } from '../../src/demo/ports.js';

const DEFAULT = {
  gateway: 8700,
  'bundle-server': 8701,
  'identity-provider': 8702,
  everything: 8703,
  backoffice: 8704,
};

test('ports begin at 8700, or where the variable says; an earlier choice stands', async () => {
  expect(await choosePorts(undefined, undefined)).toEqual(DEFAULT);
  const moved = await choosePorts('9700', DEFAULT);
  expect(moved).toMatchObject({ gateway: 9700, backoffice: 9704 });
  expect(await choosePorts(undefined, moved)).toBe(moved);
});

test('0 takes free ports, and keeps them', async () => {
  const ports = await choosePorts('0', undefined);
  expect(new Set(Object.values(ports)).size).toBe(5);
  await mustBeFree(ports);
  expect(await choosePorts('0', ports)).toBe(ports);
});

test.each(['', 'x', '-1', '1.5', '65533'])('"%s" is no port', async (wanted) => {
  await expect(choosePorts(wanted, undefined)).rejects.toMatchObject({ code: 'ports_invalid' });
});

test('a port in use is named, with its part and the way out', async () => {
  const ports = await choosePorts('0', undefined);
  const server = createServer().listen(ports.everything, '127.0.0.1');
  await once(server, 'listening');
  await expect(mustBeFree(ports)).rejects.toMatchObject({
    code: 'port_in_use',
    message: `Port ${ports.everything}, which the demo's everything needs, is in use.`,
    nextStep: expect.stringContaining('REGATE_DEMO_PORTS'),
  });
  await once(server.close(), 'close');
});
