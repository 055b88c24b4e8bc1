import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PROTOCOL_VERSIONS, type ProtocolVersion, type RequestMessage } from '../../src/domain/index.js';
import {
  decodeMessage,
  METHODS,
  type MethodRule,
  mustFit,
  ProtocolError,
  readJson,
} from '../../src/protocol/index.js';
import { bytesOf, type Given, growthOver16, LINEAR, readCases, refusalOf } from './cases.js';

const decoded = (text: string) => decodeMessage(readJson(Buffer.from(text)));

function request(method: string): RequestMessage {
  const message = decoded(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
  if (message.kind !== 'request') throw new Error(`${method} is no request`);
  return message;
}

test.each(readCases<Given & { version: ProtocolVersion; answers?: string; fits: boolean }>('schema.json'))(
  '$version: $name',
  ({ version, answers, fits, ...given }) => {
    const message = decodeMessage(readJson(bytesOf(given)));
    const refusal = refusalOf(() =>
      mustFit(message, version, answers === undefined ? undefined : request(answers)),
    );
    const code = answers === undefined ? 'invalid_params' : 'invalid_result';
    expect(refusal?.code).toBe(fits ? undefined : code);
  },
);

describe.each(PROTOCOL_VERSIONS)('%s', (version) => {
  const methods = Object.entries<MethodRule>(METHODS).filter(([, { travels }]) =>
    Object.values(travels).flat().includes(version),
  );

  test.each(methods)('defines %s, and its result if it has one', (method, { kind }) => {
    const id = kind === 'request' ? '"id":1,' : '';
    // A TypeError would say that there is no definition, or one that leads nowhere.
    refusalOf(() => mustFit(decoded(`{"jsonrpc":"2.0",${id}"method":"${method}"}`), version, undefined));
    if (kind === 'request')
      refusalOf(() => mustFit(decoded('{"jsonrpc":"2.0","id":1,"result":{}}'), version, request(method)));
  });
});

test('a refusal names the demand that was not met, and nothing of the message', () => {
  const message = decoded(
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"n","arguments":{"secret":7}}}',
  );
  let thrown: unknown;
  try {
    mustFit(message, '2025-11-25', undefined);
  } catch (refusal) {
    thrown = refusal;
  }
  expect(thrown).toBeInstanceOf(ProtocolError);
  expect(String(thrown)).toContain('arguments/additionalProperties/type');
  expect(String(thrown)).not.toContain('secret');
});

test('the cost does not grow with what MCP says nothing of', () => {
  const call = request('tools/call');
  const result = (rows: number) => {
    const structuredContent = { rows: Array.from({ length: rows }, (_, id) => ({ id, text: 'row' })) };
    const content = [{ type: 'text', text: 'x'.repeat(rows * 10) }];
    return decoded(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content, structuredContent } }));
  };
  const check = (rows: number) => {
    const message = result(rows);
    return () => {
      for (let round = 0; round < 200; round++) mustFit(message, '2025-11-25', call);
    };
  };
  expect(growthOver16(check, 2_000)).toBeLessThan(4);
});

test('the cost of what it does look at grows with it', () => {
  const check = (blocks: number) => {
    const content = Array.from({ length: blocks }, () => ({ type: 'text', text: 't' }));
    const message = decoded(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content } }));
    return () => mustFit(message, '2025-11-25', request('tools/call'));
  };
  expect(growthOver16(check, 500)).toBeLessThan(LINEAR);
});

test('the files are what the script makes of the official SDK', () => {
  const script = fileURLToPath(new URL('../../scripts/generate-mcp-schemas.mjs', import.meta.url));
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});
