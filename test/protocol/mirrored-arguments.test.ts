import type { ProtocolVersion } from '../../src/domain/index.js';
import { decodeMessage, mirroredArguments, mustMirrorArguments, readJson } from '../../src/protocol/index.js';
import { bytesOf, type Given, readCases, refusalOf } from './cases.js';

interface MirrorCase extends Given {
  readonly version: ProtocolVersion;
  readonly headers: Readonly<Record<string, string>>;
  /** The definition of the tool that is called, where it is not {@link TOOL}. */
  readonly tool?: object;
  readonly mirrors: boolean;
}

const TOOL = {
  name: 't',
  inputSchema: {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      limit: { type: 'integer', 'x-mcp-header': 'Limit' },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' },
      options: {
        type: 'object',
        properties: { depth: { type: 'integer', 'x-mcp-header': 'Depth' } },
      },
      plain: { type: 'string' },
    },
  },
};

test.each(readCases<MirrorCase>('mirrored-arguments.json'))('a call with $name', (given) => {
  const definition = readJson(Buffer.from(JSON.stringify(given.tool ?? TOOL)));
  const mirrored = mirroredArguments(definition, definition.root);
  const message = decodeMessage(readJson(bytesOf(given)));
  const refusal = refusalOf(() => mustMirrorArguments(message, given.headers, mirrored, given.version));
  expect(refusal?.code).toBe(given.mirrors ? undefined : 'header_mismatch');
});
