import type { RegoValue } from '../../rego/value.js';
import { BuiltinError } from '../builtin.js';
import { anyValue } from './any-value.js';
import { keyAlgorithmNumber, knownKey } from './certificate.js';
import { extensionValue, namesFields } from './certificate-value.js';
import { contextTag, DerReader, readOnly, rightAligned, TAG } from './der.js';
import { type Extension, readAlternativeNames, readExtension } from './extensions.js';
import { bytesOf, listOf, objectOf, oidOf } from './fields.js';
import { nameValue, readName } from './name.js';
import { publicKeyValue, readPublicKeyInfo } from './public-key.js';
import { signatureAlgorithm } from './signature.js';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const ALTERNATIVE_NAMES = '2.5.29.17';

/**
 * Reads a request for a certificate, as Go's encoding/json writes an `x509.CertificateRequest`.
 *
 * @throws BuiltinError where it is malformed
 * Source: RFC 2986, https://pkg.go.dev/crypto/x509#CertificateRequest
 */
export function requestValue(bytes: Buffer): RegoValue {
  const outer = readOnly(bytes, TAG.sequence);
  const toBeSigned = outer.expect(TAG.sequence);
  const algorithm = signatureAlgorithm(outer.expect(TAG.sequence).content);
  const signature = rightAligned(outer.bitString());
  const info = new DerReader(toBeSigned.content);
  const version = info.smallInteger();
  const subject = info.expect(TAG.sequence).raw;
  const key = readPublicKeyInfo(info);
  const attributes = elementsOf(info.inside(contextTag(0, 'constructed')));
  const extensions = requestedExtensions(attributes);
  const names = extensions.find(({ oid }) => oid === ALTERNATIVE_NAMES);
  return objectOf({
    Raw: bytesOf(bytes),
    RawTBSCertificateRequest: bytesOf(toBeSigned.raw),
    RawSubjectPublicKeyInfo: bytesOf(key.raw),
    RawSubject: bytesOf(subject),
    Version: version,
    Signature: bytesOf(signature),
    SignatureAlgorithm: algorithm.number,
    PublicKeyAlgorithm: keyAlgorithmNumber(key.algorithm),
    PublicKey: publicKeyValue(knownKey(key)),
    Subject: nameValue(readName(subject, anyValue)),
    Attributes: listOf(attributes.flatMap((attribute) => attributeValue(attribute) ?? [])),
    Extensions: listOf(extensions.map(extensionValue)),
    ExtraExtensions: null,
    ...namesFields(names && readAlternativeNames(names.value)),
  });
}

interface Attribute {
  readonly oid: string;
  /** Each with its tag. */
  readonly values: readonly Buffer[];
}

function requestedExtensions(attributes: readonly Buffer[]): Extension[] {
  const requested: Extension[] = [];
  for (const attribute of attributes) {
    const read = readAttribute(attribute);
    const [value] = read?.values ?? [];
    if (read?.oid !== EXTENSION_REQUEST || value === undefined) continue;
    const list = new DerReader(value).inside(TAG.sequence);
    while (!list.atEnd) requested.push(readExtension(list));
  }
  if (new Set(requested.map(({ oid }) => oid)).size !== requested.length) {
    throw new BuiltinError('certificate request contains duplicate requested extensions');
  }
  return requested;
}

/** Of those whose values are lists of names with values, which requested extensions look like as well. */
function attributeValue(bytes: Buffer): RegoValue | undefined {
  return lenient(() => {
    const attribute = readAttribute(bytes);
    if (attribute === undefined) return undefined;
    const values = attribute.values.map((value) =>
      elementsOf(readOnly(value, TAG.sequence)).map((pair) => {
        const reader = readOnly(pair, TAG.sequence);
        return objectOf({ Type: oidOf(reader.oid()), Value: anyValue(reader.element()) });
      }),
    );
    return objectOf({ Type: oidOf(attribute.oid), Value: values });
  });
}

function readAttribute(bytes: Buffer): Attribute | undefined {
  return lenient(() => {
    const reader = readOnly(bytes, TAG.sequence);
    return { oid: reader.oid(), values: elementsOf(reader.inside(TAG.set)) };
  });
}

function elementsOf(reader: DerReader): Buffer[] {
  const elements: Buffer[] = [];
  while (!reader.atEnd) elements.push(reader.element().raw);
  return elements;
}

/** Attributes of other shapes, such as a password, are left out. */
function lenient<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}
