import { compareNumbers, doubleOf } from '../../rego/number.js';
import { isArray, isNumber, RegoObject, type RegoValue } from '../../rego/value.js';
import { type Builtin, BuiltinError, type Evaluation, objectOperand, stringOperand } from '../builtin.js';
import { parseJsonObject } from '../go/json.js';
import type { VerificationKey } from './key.js';
import { algorithmNamed, isSignature } from './signature.js';
import {
  payloadText,
  readHeader,
  signatureBytes,
  signedText,
  splitToken,
  type Token,
  type TokenHeader,
} from './token.js';
import { candidates, keysIn } from './verify.js';

/** What a token must be; '' where anything will do. */
interface Constraints {
  readonly keys: readonly VerificationKey[];
  readonly algorithm: string;
  readonly issuer: string;
  readonly audience: string;
  /** Nanoseconds since 1970. */
  readonly time: number;
}

const CONSTRAINTS = new Set(['cert', 'secret', 'alg', 'iss', 'aud', 'time']);

const UNVERIFIED: RegoValue = [false, RegoObject.of([]), RegoObject.of([])];

/**
 * Whether a token is signed with a key and for whom and when the constraints say, with its header and payload; of a
 * token in a token, both are verified.
 *
 * @throws BuiltinError where it cannot even be read, or the constraints are none
 * Source: RFC 7519, section 7.2; https://www.openpolicyagent.org/docs/policy-reference/builtins/tokens
 */
export function decodeAndVerify(...[evaluation, text, operand]: Parameters<Builtin>): RegoValue {
  const constraints = constraintsOf(evaluation, objectOperand(operand, 2));
  let encoded = stringOperand(text, 1);
  for (;;) {
    const token = splitToken(encoded);
    const header = readHeader(token);
    if (!header.isValid || !isAccepted(evaluation, token, header, constraints)) return UNVERIFIED;
    const payload = payloadText(token);
    if (header.contentType.toUpperCase() !== 'JWT') {
      const claims = parseJsonObject(payload);
      return meets(claims, constraints) ? [true, header.members, claims] : UNVERIFIED;
    }
    encoded = payload;
  }
}

function isAccepted(
  evaluation: Evaluation,
  token: Token,
  header: TokenHeader,
  constraints: Constraints,
): boolean {
  if (constraints.algorithm !== '' && constraints.algorithm !== header.algorithm) return false;
  const signature = signatureBytes(token);
  const algorithm = algorithmNamed(header.algorithm);
  if (algorithm === undefined) return false;
  const signed = signedText(token);
  return candidates(constraints.keys, header.keyId, header.algorithm).some(({ key }) =>
    isSignature(evaluation, signature, { text: signed, key, algorithm, strictness: 'as specified' }),
  );
}

function meets(claims: RegoObject, constraints: Constraints): boolean {
  const issuer = claims.get('iss');
  if (constraints.issuer !== '') {
    if (issuer !== undefined && typeof issuer !== 'string')
      throw new BuiltinError('iss value must be a string');
    if (issuer !== constraints.issuer) return false;
  }
  const audience = claims.get('aud');
  if (audience === undefined ? constraints.audience !== '' : !isFor(audience, constraints.audience))
    return false;
  const seconds = constraints.time / 1e9;
  const expires = timeClaim(claims, 'exp');
  const begins = timeClaim(claims, 'nbf');
  if (expires !== undefined && compareNumbers(seconds, expires) >= 0) return false;
  return begins === undefined || compareNumbers(seconds, begins) >= 0;
}

function isFor(audience: RegoValue, wanted: string): boolean {
  if (typeof audience === 'string') return audience === wanted;
  return audience !== null && typeof audience === 'object' && isArray(audience) && audience.includes(wanted);
}

function timeClaim(claims: RegoObject, name: string) {
  const value = claims.get(name);
  if (value === undefined || isNumber(value)) return value;
  throw new BuiltinError(`${name} value must be a number`);
}

function constraintsOf(evaluation: Evaluation, object: RegoObject): Constraints {
  for (const [name] of object.entries) {
    if (typeof name !== 'string' || !CONSTRAINTS.has(name)) {
      throw new BuiltinError('unknown token validation constraint');
    }
  }
  return {
    keys: keysOf(evaluation, object),
    algorithm: textIn(object, 'alg'),
    issuer: textIn(object, 'iss'),
    audience: textIn(object, 'aud'),
    time: timeOf(evaluation, object.get('time')),
  };
}

/** Either those of the certificate or key set, or the secret alone. */
function keysOf(evaluation: Evaluation, object: RegoObject): readonly VerificationKey[] {
  const secret = textIn(object, 'secret');
  const certificate = textIn(object, 'cert');
  if (object.get('cert') === undefined) {
    if (secret === '') throw new BuiltinError('no key constraint');
    const key = { kind: 'secret', secret: Buffer.from(secret) } as const;
    return [{ algorithm: '', keyId: '', key, isPrivate: true }];
  }
  const keys = keysIn(evaluation, certificate);
  if (secret !== '') throw new BuiltinError('duplicate key constraints');
  return keys;
}

function timeOf(evaluation: Evaluation, value: RegoValue | undefined): number {
  if (value === undefined) return Number(evaluation.nowNanoseconds);
  const time = isNumber(value) ? doubleOf(value) : Number.NaN;
  if (Number.isFinite(time) && time >= 0) return time;
  throw new BuiltinError('token time constraint: must be a number that is not negative');
}

function textIn(object: RegoObject, name: string): string {
  const value = object.get(name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new BuiltinError(`${name} constraint: must be a string`);
}
