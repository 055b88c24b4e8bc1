import type { RegoValue } from '../../rego/value.js';
import { type Builtin, BuiltinError, type BuiltinTable, type Evaluation, stringOperand } from '../builtin.js';
import { decodeBase64 } from '../go/base64.js';
import { pemBlocks } from '../go/pem.js';
import { type Certificate, readCertificates, readOnlyCertificate } from './certificate.js';
import { certificateFields, uriTexts } from './certificate-value.js';
import { bytesOf, objectOf } from './fields.js';
import {
  belongsTo,
  jwkValue,
  type PrivateKey,
  privateKeyIn,
  privateKeyValue,
  readAnyPrivateKey,
} from './private-key.js';
import { requestValue } from './request.js';

/** Certificates, requests and keys as Go's encoding/json writes them. */
export const X509_PARSING = {
  'crypto.parse_private_keys': parsePrivateKeys,
  'crypto.x509.parse_certificate_request': parseRequest,
  'crypto.x509.parse_certificates': parseCertificates,
  'crypto.x509.parse_keypair': parseKeyPair,
  'crypto.x509.parse_rsa_private_key': parseKeyAsJwk,
} satisfies BuiltinTable;

/** Units for each character: the keys are looked into, which is more work than reading them. */
const CERTIFICATE_COST = 10;
const KEY_COST = 50;

/**
 * Reads certificates in PEM, or in Base64 of DER or of PEM.
 *
 * @throws BuiltinError where one is malformed, or among the PEM blocks there are others
 */
export function certificatesIn(evaluation: Evaluation, text: string): Certificate[] {
  evaluation.spend(CERTIFICATE_COST * text.length);
  if (text.startsWith('-----BEGIN')) return certificatesInPem(text);
  const bytes = decodeBase64(text, 'standard');
  const decoded = bytes.toString('latin1');
  return decoded.startsWith('-----BEGIN') ? certificatesInPem(decoded) : readCertificates(bytes);
}

/** With the field that OPA adds to Go's: the URIs as text. */
export function certificateValue(certificate: Certificate): RegoValue {
  return objectOf({ ...certificateFields(certificate), URIStrings: uriTexts(certificate) });
}

function parseCertificates(...[evaluation, text]: Parameters<Builtin>): RegoValue {
  return certificatesIn(evaluation, stringOperand(text, 1)).map(certificateValue);
}

function parseRequest(...[, text]: Parameters<Builtin>): RegoValue {
  const operand = stringOperand(text, 1);
  const isPem = operand.startsWith('-----BEGIN CERTIFICATE REQUEST-----');
  const bytes = isPem ? Buffer.from(operand) : decodeBase64(operand, 'standard');
  const [block] = pemBlocks(bytes.toString('latin1'));
  if (block === undefined) return requestValue(bytes);
  if (block.type === 'CERTIFICATE REQUEST') return requestValue(block.bytes);
  throw new BuiltinError('invalid PEM-encoded certificate signing request');
}

/** A certificate, those that follow it, and its key. */
function parseKeyPair(...[evaluation, certificates, key]: Parameters<Builtin>): RegoValue {
  const chain = derBlocks(stringOperand(certificates, 1), 'CERTIFICATE', (type) => type === 'CERTIFICATE');
  const [keyBytes] = derBlocks(stringOperand(key, 1), 'PRIVATE KEY', (type) =>
    /(?:^| )PRIVATE KEY$/.test(type),
  );
  const [leafBytes] = chain;
  if (leafBytes === undefined) throw new BuiltinError('failed to find any certificate');
  if (keyBytes === undefined) throw new BuiltinError('failed to find any private key');
  const leaf = readOnlyCertificate(leafBytes);
  evaluation.spend(KEY_COST * keyBytes.length);
  const privateKey = readAnyPrivateKey(keyBytes);
  if (!belongsTo(privateKey, leaf.publicKey)) throw new BuiltinError('private key does not match public key');
  return objectOf({
    Certificate: chain.map(bytesOf),
    PrivateKey: privateKeyValue(privateKey),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: objectOf(certificateFields(leaf)),
  });
}

/** The first key of any kind; the function's name is older than what it does. */
function parseKeyAsJwk(...[evaluation, text]: Parameters<Builtin>): RegoValue {
  const operand = stringOperand(text, 1);
  if (operand === '') throw new BuiltinError('input PEM data was empty');
  const isPem = operand.startsWith('-----BEGIN');
  const [key] = privateKeysIn(
    evaluation,
    isPem ? operand : decodeBase64(operand, 'standard').toString('latin1'),
  );
  return key === undefined ? null : jwkValue(key);
}

function parsePrivateKeys(...[evaluation, text]: Parameters<Builtin>): RegoValue {
  const operand = stringOperand(text, 1);
  return operand === '' ? null : privateKeysIn(evaluation, operand).map(privateKeyValue);
}

function privateKeysIn(evaluation: Evaluation, text: string): PrivateKey[] {
  evaluation.spend(KEY_COST * text.length);
  return [...pemBlocks(decodedIfBase64(text))].flatMap((block) => privateKeyIn(block) ?? []);
}

function certificatesInPem(text: string): Certificate[] {
  const blocks = [...pemBlocks(text)];
  const other = blocks.find(({ type }) => type !== 'CERTIFICATE');
  if (other !== undefined) throw new BuiltinError(`PEM block type is '${other.type}', expected CERTIFICATE`);
  return readCertificates(Buffer.concat(blocks.map(({ bytes }) => bytes)));
}

/** The bytes of PEM blocks of a type, where the text, or what it is the Base64 of, is PEM; else all of its bytes. */
function derBlocks(text: string, type: string, isWanted: (type: string) => boolean): Buffer[] {
  const bytes = text.startsWith('-----BEGIN ') ? Buffer.from(text) : decodeBase64(text, 'standard');
  const pem = bytes.toString('latin1');
  const blocks = pem.startsWith('-----BEGIN ') ? [...pemBlocks(pem)] : [{ type, bytes }];
  return blocks.filter((block) => isWanted(block.type)).map((block) => block.bytes);
}

function decodedIfBase64(text: string): string {
  try {
    return decodeBase64(text, 'standard').toString('latin1');
  } catch (error) {
    if (error instanceof BuiltinError) return text;
    throw error;
  }
}
