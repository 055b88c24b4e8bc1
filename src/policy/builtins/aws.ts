import { createHash, createHmac } from 'node:crypto';
import { RegoDecimal } from '../rego/number.js';
import { compareStrings, RegoObject, type RegoValue } from '../rego/value.js';
import { type Builtin, BuiltinError, type BuiltinTable, integerOperand, objectOperand } from './builtin.js';
import { writeJson } from './go/json.js';
import { parseUrl } from './go/url.js';

export const AWS = {
  'providers.aws.sign_req': signRequest,
} satisfies BuiltinTable;

/** What `http.send` knows; a request with anything else isn't signed. */
const REQUEST_MEMBERS = new Set([
  'method',
  'url',
  'body',
  'enable_redirect',
  'force_json_decode',
  'force_yaml_decode',
  'headers',
  'raw_body',
  'tls_use_system_certs',
  'tls_ca_cert',
  'tls_ca_cert_file',
  'tls_ca_cert_env_variable',
  'tls_client_cert',
  'tls_client_cert_file',
  'tls_client_cert_env_variable',
  'tls_client_key',
  'tls_client_key_file',
  'tls_client_key_env_variable',
  'tls_insecure_skip_verify',
  'tls_server_name',
  'timeout',
  'cache',
  'force_cache',
  'force_cache_duration_seconds',
  'raise_error',
  'caching_mode',
  'max_retry_attempts',
  'cache_ignored_headers',
]);

/** Proxies may change these, so they aren't signed. */
const UNSIGNED_HEADERS = new Set(['authorization', 'user-agent', 'x-amzn-trace-id']);

/** Services that want the hash of the body as a header. */
const HASHED_BODY_SERVICES = new Set(['s3', 'glacier']);

interface Credentials {
  readonly service: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  readonly sessionToken: string;
  readonly signsBody: boolean;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * A request as `http.send` takes it, with the headers of AWS Signature Version 4 added.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
function signRequest(...[, request, config, time]: Parameters<Builtin>): RegoObject {
  const operand = objectOperand(request, 1);
  const credentials = credentialsOf(objectOperand(config, 2));
  const headers = signedHeaders(requestOf(operand), credentials, timestamp(time));
  return RegoObject.of([...operand.entries, ['headers', RegoObject.of(headers)]]);
}

function credentialsOf(config: RegoObject): Credentials {
  const signing = config.get('disable_payload_signing') ?? false;
  if (typeof signing !== 'boolean') {
    throw new BuiltinError("operand 2 invalid value for 'disable_payload_signing' in AWS config");
  }
  return {
    service: requiredText(config, 'aws_service', 2),
    accessKey: requiredText(config, 'aws_access_key', 2),
    secretKey: requiredText(config, 'aws_secret_access_key', 2),
    region: requiredText(config, 'aws_region', 2),
    sessionToken: textOrNone(config.get('aws_session_token')),
    signsBody: !signing,
  };
}

function requestOf(request: RegoObject): Request {
  for (const [name] of request.entries) {
    if (typeof name !== 'string' || !REQUEST_MEMBERS.has(name)) {
      throw new BuiltinError('operand 1 has members that are no request parameters');
    }
  }
  const headers = request.get('headers');
  const body = request.get('body');
  const rawBody = request.get('raw_body');
  return {
    method: requiredText(request, 'method', 1),
    url: requiredText(request, 'url', 1),
    headers: headers === undefined ? new Map() : headersOf(objectOperand(headers, 1)),
    body: rawBody !== undefined ? textOrNone(rawBody) : body === undefined ? '' : writeJson(body),
  };
}

function headersOf(headers: RegoObject): Map<string, string> {
  return new Map(headers.entries.map(([name, value]) => [textOrNone(name), textOrNone(value)]));
}

function signedHeaders(request: Request, credentials: Credentials, time: string): Map<string, string> {
  const url = parseUrl(request.url);
  const { service, accessKey, secretKey, region, sessionToken } = credentials;
  const bodyHash = credentials.signsBody ? sha256(request.body) : 'UNSIGNED-PAYLOAD';
  const added = new Map([
    ['host', url.host],
    ['x-amz-date', time],
    ...(HASHED_BODY_SERVICES.has(service) ? ([['x-amz-content-sha256', bodyHash]] as const) : []),
    ...(sessionToken === '' ? [] : ([['x-amz-security-token', sessionToken]] as const)),
  ]);
  const signed = headersToSign(added, request.headers);
  const names = signed.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    url.escapedPath,
    url.rawQuery,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    bodyHash,
  ].join('\n');
  const date = time.slice(0, 8);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => mac(secret, part),
    `AWS4${secretKey}`,
  );
  const signature = mac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return new Map([...request.headers, ['Authorization', authorization], ...added]);
}

function headersToSign(
  added: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
): [string, string][] {
  const lowerCase = [...own].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const headers = new Map([...added, ...lowerCase.filter(([name]) => !UNSIGNED_HEADERS.has(name))]);
  return [...headers].sort(([left], [right]) => compareStrings(left, right));
}

/** As `20060102T150405Z`. */
function timestamp(time: RegoValue | undefined): string {
  const nanoseconds = integerOperand(time, 3);
  // OPA reads no number here that is written with an exponent.
  if (time instanceof RegoDecimal || BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
    throw new BuiltinError('operand 3 could not convert time_ns value into a unix timestamp');
  }
  const seconds = nanoseconds / 1_000_000_000n - (nanoseconds % 1_000_000_000n < 0n ? 1n : 0n);
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace(/[:-]/g, '')}Z`;
}

function requiredText(object: RegoObject, name: string, position: number): string {
  const value = object.get(name);
  if (typeof value === 'string') return value;
  throw new BuiltinError(`operand ${position} needs a string for ${name}`);
}

function textOrNone(value: RegoValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function mac(key: string | Buffer, message: string): Buffer {
  return createHmac('sha256', key).update(message).digest();
}
