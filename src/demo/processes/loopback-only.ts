/**
 * Preloaded (`node --import`) into a server that is not ours and offers no choice of address: it would listen on every
 * interface, and the demo would stand open to the network. Whatever it listens on by port, it does on the loopback
 * interface.
 */
import { type ListenOptions, Server } from 'node:net';
import { stopWithParent } from './parent.js';

const LOOPBACK = '127.0.0.1';
const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [target, ...rest] = args;
  if (isPort(target)) return listen.call(this, { port: target, host: LOOPBACK }, ...rest.filter(isCallback));
  if (hasPort(target)) return listen.call(this, { ...target, host: LOOPBACK }, ...rest.filter(isCallback));
  throw new Error('this server may listen on a port of the loopback interface only');
} as typeof Server.prototype.listen;

stopWithParent(async () => undefined);

function isPort(target: unknown): target is number | string {
  return typeof target === 'number' || (typeof target === 'string' && /^\d{1,5}$/.test(target));
}

function hasPort(target: unknown): target is ListenOptions {
  return typeof target === 'object' && target !== null && 'port' in target && isPort(target.port);
}

function isCallback(argument: unknown): boolean {
  return typeof argument === 'function';
}
