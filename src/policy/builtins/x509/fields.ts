import { numberOf } from '../../rego/number.js';
import { RegoObject, type RegoValue } from '../../rego/value.js';

/** Values as Go's encoding/json writes them: lists that are absent are null, and bytes are Base64. */

export function objectOf(fields: Readonly<Record<string, RegoValue>>): RegoObject {
  return RegoObject.of(Object.entries(fields));
}

/** Go doesn't tell a list without elements from none while it collects them. */
export function listOf(values: readonly RegoValue[]): RegoValue {
  return values.length === 0 ? null : values;
}

export function bytesOf(bytes: Buffer | undefined): RegoValue {
  return bytes === undefined ? null : bytes.toString('base64');
}

export function bigIntegerOf(value: bigint): RegoValue {
  return numberOf(String(value));
}

export function oidOf(oid: string): RegoValue {
  return oid.split('.').map(Number);
}
