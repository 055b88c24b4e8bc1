import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Logger } from 'winston';
import { describeThrown, RegateError } from '../domain/index.js';
import { noteCertificate } from './client-certificate.js';

/** How often the files are looked at. They are small, and who changes one waits for it to serve. */
const REREAD_MILLISECONDS = 1_000;

/** TLS cannot be had with the files that were given. */
export class TlsError extends RegateError<
  | 'tls_file_unreadable'
  | 'tls_certificate_invalid'
  | 'tls_key_invalid'
  | 'tls_key_mismatch'
  | 'tls_client_ca_invalid'
> {}

/** The gateway's own certificate, and whether callers are asked for theirs. */
export interface TlsListening {
  /** PEM: the certificate, and what is between it and its root. */
  readonly certificateFile: string;
  /** PEM. */
  readonly keyFile: string;
  readonly clientCertificates: 'none' | 'optional' | 'required';
  /** PEM: the authorities whose certificates count; all that callers have the key of where undefined. */
  readonly clientCaFile?: string;
}

/** What the files held when they were last read. */
interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

/**
 * Reads the files, and checks that a server can be had with them.
 *
 * @throws TlsError
 */
export async function readTlsFiles(listening: TlsListening): Promise<TlsFiles> {
  const { certificateFile, keyFile, clientCaFile } = listening;
  const files = {
    certificate: await readPem(certificateFile),
    key: await readPem(keyFile),
    clientCa: clientCaFile === undefined ? undefined : await readPem(clientCaFile),
  };
  check(files, listening);
  return files;
}

/** The options of a server with these files. Which certificates of callers count is for {@link noteCertificates}. */
export function tlsOptions(files: TlsFiles, { clientCertificates }: TlsListening): TlsOptions {
  return {
    ...contextOptions(files),
    requestCert: clientCertificates !== 'none',
    rejectUnauthorized: false,
  };
}

/** Takes down which certificates connections are made with, and cuts those that lack a required one. */
export function noteCertificates(server: Server, { clientCertificates, clientCaFile }: TlsListening): void {
  if (clientCertificates === 'none') return;
  // First, since a request may be read as soon as the next listener has the connection.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const counts = noteCertificate(socket, clientCaFile !== undefined);
    if (!counts && clientCertificates === 'required') socket.destroy();
  });
}

/**
 * Reads the files again when they change, until the server is closed. Those that cannot serve are logged once, and the
 * last good ones serve on.
 */
export function followTlsFiles(server: Server, listening: TlsListening, first: TlsFiles, log: Logger): void {
  let serving = JSON.stringify(first);
  let problem: string | undefined;
  const reread = async () => {
    try {
      const files = await readTlsFiles(listening);
      const text = JSON.stringify(files);
      if (text !== serving) {
        server.setSecureContext(contextOptions(files));
        serving = text;
        log.info('the TLS files were read again', { certificate_file: listening.certificateFile });
      }
      problem = undefined;
    } catch (thrown) {
      const detail = describeThrown(thrown);
      if (detail !== problem)
        log.error('the TLS files cannot be used; the last good ones serve on', { detail });
      problem = detail;
    }
  };
  const timer = setInterval(() => void reread(), REREAD_MILLISECONDS).unref();
  server.once('close', () => clearInterval(timer));
}

function contextOptions({ certificate, key, clientCa }: TlsFiles): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion: 'TLSv1.2',
    // A connection's certificate is looked at once, when it is made.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TlsError(
      'tls_file_unreadable',
      `${path} cannot be read: ${describeThrown(cause)}`,
      'Correct gateway.listen.tls, or let this user read the file.',
      cause,
    );
  }
}

/** @throws TlsError */
function check(files: TlsFiles, { certificateFile, keyFile, clientCaFile }: TlsListening): void {
  const certificate = parsed(
    'tls_certificate_invalid',
    certificateFile,
    () => new X509Certificate(files.certificate),
  );
  const key: KeyObject = parsed('tls_key_invalid', keyFile, () => createPrivateKey(files.key));
  if (!certificate.checkPrivateKey(key)) {
    throw new TlsError(
      'tls_key_mismatch',
      `the key in ${keyFile} is not that of the first certificate in ${certificateFile}`,
      'Give the key of the certificate; in a file of several, the own one stands first.',
    );
  }
  const { clientCa, ...own } = files;
  parsed('tls_certificate_invalid', certificateFile, () =>
    createSecureContext(contextOptions({ ...own, clientCa: undefined })),
  );
  if (clientCa === undefined || clientCaFile === undefined) return;
  parsed('tls_client_ca_invalid', clientCaFile, () => new X509Certificate(clientCa));
  parsed('tls_client_ca_invalid', clientCaFile, () => createSecureContext({ ca: clientCa }));
}

function parsed<Value>(code: TlsError['code'], path: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    const what = code === 'tls_key_invalid' ? 'no private key' : 'no certificate';
    // OpenSSL's words only: they repeat nothing of the file.
    const message = `${path} holds ${what} that can be used: ${describeThrown(cause)}`;
    throw new TlsError(code, message, 'Give PEM; a key must not be encrypted.', cause);
  }
}
