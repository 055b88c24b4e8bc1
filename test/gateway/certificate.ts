import { createPrivateKey, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Who issues certificates, by its own. */
export interface Authority extends ServerCertificate {
  readonly name: string;
  issue(name: string): ServerCertificate;
}

/** A certificate for `localhost` that is its own issuer's. */
export function localhostCertificate(): ServerCertificate {
  return pairFor('localhost');
}

export function authority(name: string): Authority {
  const own = pairFor(name, undefined, true);
  return { name, ...own, issue: (subject) => pairFor(subject, { name, ...own }) };
}

/** A pair of keys and its certificate (RFC 5280), good from an hour ago until an hour from now. */
function pairFor(
  name: string,
  issuer?: ServerCertificate & { readonly name: string },
  isAuthority = false,
): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const content = toBeSigned(publicKey, name, issuer?.name ?? name, isAuthority);
  const certificate = signed(content, issuer === undefined ? privateKey : createPrivateKey(issuer.key));
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function toBeSigned(publicKey: KeyObject, subject: string, issuer: string, isAuthority: boolean): Buffer {
  const validity = sequence(utcTime(Date.now() - 3_600_000), utcTime(Date.now() + 3_600_000));
  const alternativeName = sequence(tagged(0x82, Buffer.from(subject)));
  const extensions = [sequence(oid('2.5.29.17'), tagged(0x04, alternativeName))];
  if (isAuthority)
    extensions.push(sequence(oid('2.5.29.19'), tagged(0x04, sequence(tagged(0x01, Buffer.of(0xff))))));
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    commonName(issuer),
    validity,
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))));
}

function signed(content: Buffer, key: KeyObject): Buffer {
  const signature = createSign('sha256').update(content).sign(key);
  return sequence(content, ECDSA_WITH_SHA256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** DER (X.690, section 8.1): a tag, a length, and the content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.byteLength;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((arc) => {
    const septets = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80);
    return septets;
  });
  return tagged(0x06, Buffer.from([40 * first + second, ...bytes]));
}

function utcTime(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x17, Buffer.from(text.slice(2)));
}
