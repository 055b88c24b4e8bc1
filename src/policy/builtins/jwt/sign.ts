import type { RegoObject, RegoValue } from '../../rego/value.js';
import { type Builtin, BuiltinError, type Evaluation, stringOperand } from '../builtin.js';
import { isJson, parseJsonObject, writeJson } from '../go/json.js';
import { signingKey, TOKEN_ALGORITHMS } from './key.js';
import { algorithmNamed, makeSignature } from './signature.js';

/** A signed token of a header, a payload and a key that are JSON already. */
export function encodeAndSignRaw(...[evaluation, header, payload, key]: Parameters<Builtin>): string {
  const keyText = stringOperand(key, 3);
  return signed(evaluation, stringOperand(header, 1), stringOperand(payload, 2), keyText);
}

/** A signed token of a header, a payload and a key that are objects. */
export function encodeAndSign(...[evaluation, header, payload, key]: Parameters<Builtin>): string {
  return signed(evaluation, json(header), json(payload), json(key));
}

/** Some signatures hold chance, so the same token is the same within an evaluation. */
function signed(evaluation: Evaluation, header: string, payload: string, keyText: string): string {
  return evaluation.remember(`io.jwt.encode_sign ${JSON.stringify([header, payload, keyText])}`, () => {
    const key = signingKey(keyText);
    const members = parseJsonObject(header);
    const name = textIn(members, 'alg') ?? '';
    const algorithm = TOKEN_ALGORITHMS.has(name) ? algorithmNamed(name) : undefined;
    if (algorithm === undefined) throw new BuiltinError('unknown JWS algorithm');
    if ((textIn(members, 'typ') ?? 'JWT') === 'JWT' && !isJson(payload)) {
      throw new BuiltinError('type is JWT but payload is not JSON');
    }
    const text = `${base64Url(header)}.${base64Url(payload)}`;
    return `${text}.${makeSignature(evaluation, algorithm, key, Buffer.from(text)).toString('base64url')}`;
  });
}

function textIn(header: RegoObject, name: string): string | undefined {
  const value = header.get(name);
  return typeof value === 'string' ? value : undefined;
}

function json(value: RegoValue | undefined): string {
  return writeJson(value ?? null);
}

function base64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
