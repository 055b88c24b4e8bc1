import { readFileSync } from 'node:fs';
import type { ProtocolVersion } from '../../src/domain/index.js';
import {
  decodeMessage,
  mustMirror,
  ProtocolError,
  readJson,
  requestMeta,
  type VersionEvidence,
  versionInForce,
} from '../../src/protocol/index.js';
import { bytesOf, type Given, readCases, refusalOf } from './cases.js';

interface VersionCase {
  readonly name: string;
  readonly given: VersionEvidence;
  readonly version?: string;
  readonly code?: string;
  readonly data?: object;
}

const versionCases = JSON.parse(
  readFileSync(new URL('../cases/protocol/versions.json', import.meta.url), 'utf8'),
) as VersionCase[];

test.each(versionCases)('the version in force by $name', ({ given, version, code, data }) => {
  let said: string | undefined;
  let refusal: unknown;
  try {
    said = versionInForce(given);
  } catch (thrown) {
    refusal = thrown;
  }
  expect(said).toBe(version);
  if (code === undefined) return expect(refusal).toBeUndefined();
  expect(refusal).toBeInstanceOf(ProtocolError);
  expect(refusal).toMatchObject({ code, ...(data !== undefined && { data }) });
});

test.each(
  readCases<
    Given & { version: ProtocolVersion; headers: Readonly<Record<string, string>>; mirrors: boolean }
  >('mirrored-headers.json'),
)('headers with $name', (given) => {
  const message = decodeMessage(readJson(bytesOf(given)));
  const refusal = refusalOf(() => mustMirror(message, given.headers, given.version));
  expect(refusal?.code).toBe(given.mirrors ? undefined : 'header_mismatch');
});

describe('what a request says of its sender', () => {
  const metaOf = (params: string) =>
    requestMeta(
      decodeMessage(readJson(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/list"${params}}`))),
    );
  const VERSION = '"io.modelcontextprotocol/protocolVersion"';

  test.each([
    ['nothing', '', undefined, '', ''],
    ['no _meta', ',"params":{}', undefined, '', ''],
    ['a version', `,"params":{"_meta":{${VERSION}:"v"}}`, 'v', '', ''],
    [
      'a client',
      ',"params":{"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"n","version":"1"}}}',
      undefined,
      'n',
      '1',
    ],
    [
      'a client that is none',
      ',"params":{"_meta":{"io.modelcontextprotocol/clientInfo":"n"}}',
      undefined,
      '',
      '',
    ],
  ])('%s', (_what, params, protocolVersion, clientName, clientVersion) => {
    expect(metaOf(params)).toEqual({ protocolVersion, clientName, clientVersion });
  });

  test.each([
    ['a _meta that is no object', ',"params":{"_meta":"v"}'],
    ['a _meta in another case', ',"params":{"_Meta":{}}'],
    ['a version that is no string', `,"params":{"_meta":{${VERSION}:1}}`],
    [
      'a version in another case',
      ',"params":{"_meta":{"io.modelcontextprotocol/protocolversion":"2026-07-28"}}',
    ],
  ])('refuses %s', (_what, params) => {
    expect(refusalOf(() => metaOf(params))?.code).toBe('invalid_params');
  });
});
