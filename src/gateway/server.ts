import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { RegateError } from '../domain/index.js';
import { createApplication } from './application.js';
import { LegacyDoor } from './legacy/door.js';
import type { GatewayParts } from './parts.js';
import { followTlsFiles, noteCertificates, readTlsFiles, type TlsListening, tlsOptions } from './tls.js';

/** Node looks for slow clients this often at most; its own 30 s would be too seldom for short limits. */
const LOOK_FOR_SLOW_CLIENTS_MILLISECONDS = 5_000;

/** A port that cannot be listened on. */
export class ListenError extends RegateError<'port_in_use' | 'cannot_listen'> {}

/** A gateway that listens. */
export interface RunningGateway {
  readonly address: AddressInfo;
  /**
   * Stops: no new connections once the calls of legacy clients are answered, requests in flight finish, streams that
   * only listen are ended. What is still running after `milliseconds` is cut.
   */
  drain(milliseconds: number): Promise<void>;
}

/** Where a gateway listens; with TLS where there is `tls`. */
export interface GatewayListening {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsListening;
}

/** @throws ListenError `port_in_use`, `cannot_listen`; TlsError */
export async function startGateway(parts: GatewayParts, listen: GatewayListening): Promise<RunningGateway> {
  const legacy: LegacyDoor = new LegacyDoor(parts, (request, response) => application(request, response));
  const application = createApplication(parts, legacy);
  const server = await serverFor(application, parts, listen);
  const inFlight = trackInFlight(server);
  await listenOn(server, listen);
  const running = { parts, server, inFlight, legacy };
  return { address: addressOf(server), drain: (milliseconds) => drain(running, milliseconds) };
}

async function serverFor(
  application: RequestListener,
  parts: GatewayParts,
  { tls }: GatewayListening,
): Promise<Server> {
  const options = slowClients(parts);
  if (tls === undefined) return createServer(options, application);
  const files = await readTlsFiles(tls);
  const handshakeTimeout = parts.settings.limits.requestMilliseconds;
  const server = createTlsServer({ ...options, handshakeTimeout, ...tlsOptions(files, tls) }, application);
  noteCertificates(server, tls);
  followTlsFiles(server, tls, files, parts.log);
  return server;
}

/** Cuts off whoever takes too long to send a request, headers and body together. */
function slowClients({ settings }: GatewayParts): ServerOptions {
  const { requestMilliseconds } = settings.limits;
  return {
    requestTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    connectionsCheckingInterval: Math.min(requestMilliseconds, LOOK_FOR_SLOW_CLIENTS_MILLISECONDS),
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has an address');
  return address;
}

/** @throws ListenError `port_in_use`, `cannot_listen` */
export async function listenOn(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw new ListenError(
      inUse ? 'port_in_use' : 'cannot_listen',
      inUse ? `port ${port} on ${host} is in use` : `cannot listen on ${host}:${port}`,
      'Stop what uses it, or set another port under listen in the configuration.',
      cause,
    );
  }
}

function trackInFlight(server: Server): Map<ServerResponse, 'listening' | 'working'> {
  const inFlight = new Map<ServerResponse, 'listening' | 'working'>();
  const ofSocket = new WeakMap<Socket, Set<ServerResponse>>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    closeWith(request.socket, response, ofSocket);
    inFlight.set(response, listens(request) ? 'listening' : 'working');
    response.once('close', () => inFlight.delete(response));
  });
  return inFlight;
}

/**
 * Tells of the end of a connection to each response on it. Node tells it only to the one that is being written, and not to
 * those of pipelined requests that wait behind it, which nothing would ever end.
 */
function closeWith(
  socket: Socket,
  response: ServerResponse,
  ofSocket: WeakMap<Socket, Set<ServerResponse>>,
): void {
  const known = ofSocket.get(socket);
  const own = known ?? new Set();
  own.add(response);
  response.once('close', () => own.delete(response));
  if (known !== undefined) return;
  ofSocket.set(socket, own);
  socket.once('close', () => {
    for (const each of [...own]) {
      each.destroy();
      each.emit('close');
    }
  });
}

/** Whether nothing is lost with the request's stream; a header that says so and a body that does not are refused. */
function listens({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' || headers['mcp-method'] === 'subscriptions/listen';
}

/** @param running - `legacy` ends its sessions while `server` still listens: their clients may have to answer something first */
async function drain(
  running: {
    readonly parts: GatewayParts;
    readonly server: Server;
    readonly inFlight: Map<ServerResponse, 'listening' | 'working'>;
    readonly legacy: LegacyDoor;
  },
  milliseconds: number,
): Promise<void> {
  const { parts, server, inFlight, legacy } = running;
  const begun = Date.now();
  parts.approvals.close(); // who waits is told at once to come again, elsewhere
  await legacy.end(milliseconds);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  for (const [response, kind] of inFlight) {
    if (kind === 'listening') response.destroy();
    else response.once('finish', () => server.closeIdleConnections());
  }
  const left = Math.max(0, milliseconds - (Date.now() - begun));
  const cut = setTimeout(() => server.closeAllConnections(), left);
  await closed;
  clearTimeout(cut);
  await parts.correlation.runs.finish(Math.max(0, milliseconds - (Date.now() - begun)));
}
