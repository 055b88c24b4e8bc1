import { hash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { IdentityError } from '../identity/index.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** A byte sequence of RFC 8941, section 3.3.5. */
const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/;
/** As much as Node takes of all headers together by default. */
const MAX_HEADER_CHARACTERS = 16_384;

/** Of TLS connections that the gateway itself has, by digest; whoever is not in it came without, or with none that counts. */
const ofConnections = new WeakMap<Socket, string>();

/**
 * Notes with which certificate a connection was made. The handshake has proven that the peer has its key.
 *
 * @param authoritiesOnly - whether only certificates of the authorities that the server knows count
 * @returns whether it has one that counts
 */
export function noteCertificate(socket: TLSSocket, authoritiesOnly: boolean): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || (authoritiesOnly && !socket.authorized)) return false;
  ofConnections.set(socket, digestOf(certificate.raw));
  return true;
}

/**
 * The certificate that a caller has the key of, as `x5t#S256` names it (RFC 8705, section 3.1): in base64url the SHA-256
 * digest of its DER. A proxy's own is nobody's; what it says in `Client-Cert` (RFC 9440) is believed, and of nobody else.
 *
 * @returns undefined where there is none
 * @throws IdentityError `binding_unproven` where a proxy does not say it as it must
 */
export function certificateOf(request: IncomingMessage, proxies: TrustedProxies): string | undefined {
  const { socket } = request;
  if (!proxies.include(socket.remoteAddress)) return ofConnections.get(socket);
  const headers = request.headersDistinct['client-cert'] ?? [];
  if (headers.length === 0) return undefined;
  const [header = ''] = headers;
  const der = headers.length === 1 ? certificateIn(header) : undefined;
  if (der !== undefined) return digestOf(der);
  throw new IdentityError(
    'binding_unproven',
    `what the proxy ${socket.remoteAddress} says in Client-Cert is not one certificate as in RFC 9440`,
  );
}

/** The DER in a header's value. Node would take PEM and what follows a certificate too, so the bytes are compared. */
function certificateIn(header: string): Buffer | undefined {
  if (header.length > MAX_HEADER_CHARACTERS) return undefined;
  const text = BYTE_SEQUENCE.exec(header)?.[1] ?? '';
  const der = Buffer.from(text, 'base64');
  if (der.toString('base64') !== text) return undefined;
  try {
    return new X509Certificate(der).raw.equals(der) ? der : undefined;
  } catch {
    return undefined; // OpenSSL's reason would help nobody: it is no certificate
  }
}

function digestOf(der: Buffer): string {
  return hash('sha256', der, 'base64url');
}
