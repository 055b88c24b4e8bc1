import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { ClientCertificates, GatewayListenInFile, Listen } from './file.js';

/** With TLS where there is `tls`. */
export interface GatewayListen extends Listen {
  readonly tls?: {
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly clientCertificates: ClientCertificates;
    readonly clientCaFile?: string;
  };
}

/**
 * Where the gateway listens, as a valid file has it.
 *
 * @param directory - where the file's relative paths start
 */
export function listenOf({ tls, ...listen }: GatewayListenInFile, directory: string): GatewayListen {
  if (tls === undefined) return listen;
  return {
    ...listen,
    tls: {
      certificateFile: resolve(directory, tls.certificate_file),
      keyFile: resolve(directory, tls.key_file),
      clientCertificates: tls.client_certificates,
      ...(tls.client_ca_file !== undefined && { clientCaFile: resolve(directory, tls.client_ca_file) }),
    },
  };
}

/** The URL that this is on this machine. */
export function urlOf({ host, port, tls }: GatewayListen): URL {
  const scheme = tls === undefined ? 'http' : 'https';
  return new URL(`${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`);
}
