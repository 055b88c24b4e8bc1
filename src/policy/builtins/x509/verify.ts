import { RegoDecimal } from '../../rego/number.js';
import { isArray, type RegoObject, RegoSet, type RegoValue } from '../../rego/value.js';
import {
  type Builtin,
  BuiltinError,
  type BuiltinTable,
  type Evaluation,
  integerOperand,
  objectOperand,
  stringOperand,
} from '../builtin.js';
import type { Certificate } from './certificate.js';
import { certificateFields } from './certificate-value.js';
import { type Purpose, verifiedChain } from './chain.js';
import { objectOf } from './fields.js';
import { USAGE_NAMES } from './key-usage.js';
import { certificatesIn, certificateValue } from './parse.js';

export const X509_VERIFICATION = {
  'crypto.x509.parse_and_verify_certificates': verifyCertificates,
  'crypto.x509.parse_and_verify_certificates_with_options': verifyCertificatesWithOptions,
} satisfies BuiltinTable;

const UNVERIFIED: RegoValue = [false, []];

/** Whether the last certificate leads over those between to the first one, and the chain, leaf first. */
function verifyCertificates(...[evaluation, text]: Parameters<Builtin>): RegoValue {
  const purpose = { host: '', time: evaluation.nowNanoseconds, usages: [] };
  return verified(evaluation, readable(evaluation, stringOperand(text, 1)), purpose, certificateValue);
}

function verifyCertificatesWithOptions(...[evaluation, text, options]: Parameters<Builtin>): RegoValue {
  const operand = objectOperand(options, 2);
  const certificates = readable(evaluation, stringOperand(text, 1));
  if (certificates === undefined) return UNVERIFIED;
  const purpose = purposeOf(evaluation, operand);
  // Only the function without options adds the URIs as text.
  return verified(evaluation, certificates, purpose, (certificate) =>
    objectOf(certificateFields(certificate)),
  );
}

function verified(
  evaluation: Evaluation,
  certificates: readonly Certificate[] | undefined,
  purpose: Purpose,
  toValue: (certificate: Certificate) => RegoValue,
): RegoValue {
  const [root, ...others] = certificates ?? [];
  const leaf = others.pop();
  if (root === undefined || leaf === undefined) return UNVERIFIED;
  const chain = verifiedChain(evaluation, leaf, others, root, purpose);
  return chain === undefined ? UNVERIFIED : [true, chain.map(toValue)];
}

function readable(evaluation: Evaluation, text: string): Certificate[] | undefined {
  try {
    return certificatesIn(evaluation, text);
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

/** @throws BuiltinError where an option is unknown or of another type than it must be */
function purposeOf(evaluation: Evaluation, options: RegoObject): Purpose {
  const purpose = { host: '', time: evaluation.nowNanoseconds, usages: [] as number[] };
  for (const [name, value] of options.entries) {
    switch (name) {
      case 'DNSName':
        if (typeof value !== 'string') throw new BuiltinError("'DNSName' should be a string");
        purpose.host = unquoted(value);
        break;
      case 'CurrentTime':
        purpose.time = smallInteger(value);
        break;
      case 'MaxConstraintComparisons':
        // Go checks the number, and has no more use for it.
        smallInteger(value);
        break;
      case 'KeyUsages':
        purpose.usages = usagesIn(value);
        break;
      default:
        if (typeof name === 'string') throw new BuiltinError('invalid key option');
    }
  }
  return purpose;
}

function usagesIn(value: RegoValue): number[] {
  const names = value instanceof RegoSet ? value.elements : value;
  if (names === null || typeof names !== 'object' || !isArray(names)) {
    throw new BuiltinError("'KeyUsages' should be an Array or Set");
  }
  return names.flatMap((name) => {
    if (typeof name !== 'string') return [];
    const usage = USAGE_NAMES.get(unquoted(name));
    if (usage === undefined) throw new BuiltinError("invalid entries for 'KeyUsages' found");
    return [usage];
  });
}

/** OPA reads no number here that is written with an exponent, or needs more than 64 bits. */
function smallInteger(value: RegoValue): bigint {
  const integer = integerOperand(value, 2);
  if (value instanceof RegoDecimal || BigInt.asIntN(64, integer) !== integer) {
    throw new BuiltinError('an option should be an integer of 64 bits');
  }
  return integer;
}

function unquoted(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === '"') start += 1;
  while (end > start && text[end - 1] === '"') end -= 1;
  return text.slice(start, end);
}
