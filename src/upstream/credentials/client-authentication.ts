import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TokenClient } from './options.js';
import { readLine, readSecret } from './secret-file.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_LIFE_SECONDS = 60;

/** The part of a token request by which a client proves itself. */
export interface ClientAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * Proves the gateway to an authorization server: by its secret (RFC 6749, section 2.3.1) or by an assertion that its
 * private key signs (RFC 7523, section 2.2). Both are read anew each time, so that a new one counts at once.
 *
 * @param audience - whom the assertion is for
 * @throws Error that names the file and never its contents
 */
export async function authenticate(client: TokenClient, audience: string): Promise<ClientAuthentication> {
  if ('secretFile' in client) {
    const { text } = await readLine(client.secretFile);
    const basic = Buffer.from(`${formEncoded(client.clientId)}:${formEncoded(text)}`).toString('base64');
    return { headers: { authorization: `Basic ${basic}` }, form: {} };
  }
  const { clientId, privateKeyFile, keyId } = client;
  const { text } = await readSecret(privateKeyFile);
  const { key, alg } = privateKey(text, privateKeyFile);
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg, ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${ASSERTION_LIFE_SECONDS} s`)
    .sign(key);
  const form = { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  return { headers: {}, form };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}

function privateKey(pem: string, path: string): { readonly key: KeyObject; readonly alg: string } {
  const key = readKey(pem);
  const alg = key && algorithmOf(key);
  if (key === undefined || alg === undefined)
    throw new Error(`${path} holds no private key in PEM that can sign`);
  return { key, alg };
}

/** The parser's own error is dropped: nothing of a private key is to be repeated. */
function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  return CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
}
