import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { DemoError } from './error.js';

/** The demo's parts, in the order of their ports. */
export const PARTS = ['gateway', 'bundle-server', 'identity-provider', 'everything', 'backoffice'] as const;
export type PartName = (typeof PARTS)[number];
export type Ports = Readonly<Record<PartName, number>>;

const DEFAULT_BASE = 8700;

/**
 * The ports that `REGATE_DEMO_PORTS` asks for: five in a row from the number it gives, or any five free ones for `0`.
 *
 * @param wanted the variable's value
 * @param kept the ports of an earlier start, which serve again unless a number is asked for
 * @throws DemoError `ports_invalid`
 */
export async function choosePorts(wanted: string | undefined, kept: Ports | undefined): Promise<Ports> {
  if (kept !== undefined && (wanted === undefined || wanted === '0')) return kept;
  if (wanted === '0') return named(await freePorts(PARTS.length));
  const base = Number(wanted ?? DEFAULT_BASE);
  if (!Number.isInteger(base) || base < 1 || base + PARTS.length > 65_536) {
    throw new DemoError(
      'ports_invalid',
      `REGATE_DEMO_PORTS is "${wanted}", which is no port.`,
      'Give the first of five ports in a row, such as 9700, or 0 for any that are free.',
    );
  }
  return named(PARTS.map((_, index) => base + index));
}

/** @throws DemoError `port_in_use` */
export async function mustBeFree(ports: Ports): Promise<void> {
  for (const part of PARTS) {
    const server = createServer();
    try {
      await bind(server, ports[part]);
    } catch (error) {
      throw new DemoError(
        'port_in_use',
        `Port ${ports[part]}, which the demo's ${part} needs, is in use.`,
        `See what uses it (lsof -i :${ports[part]}) and stop it, or take other ports: REGATE_DEMO_PORTS=9700 npm start`,
        error,
      );
    } finally {
      await unbind(server);
    }
  }
}

/** Held all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => bind(createServer(), 0)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(unbind));
  return ports;
}

async function bind(server: Server, port: number): Promise<Server> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return server;
}

async function unbind(server: Server): Promise<void> {
  if (server.listening) await once(server.close(), 'close');
}

function named(ports: readonly number[]): Ports {
  return Object.fromEntries(PARTS.map((part, index) => [part, ports[index]])) as Ports;
}
