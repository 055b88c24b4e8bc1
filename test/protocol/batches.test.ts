import type { ProtocolVersion } from '../../src/domain/index.js';
import { DEFAULT_JSON_BOUNDS, decodeBatch, readJson } from '../../src/protocol/index.js';
import { bytesOf, type Given, readCases, refusalOf } from './cases.js';

interface BatchCase extends Given {
  readonly version?: ProtocolVersion;
  /** The bytes of each member. */
  readonly members?: readonly string[];
  readonly code?: string;
}

test.each(readCases<BatchCase>('batches.json'))('a batch: $name', (given) => {
  const read = () =>
    decodeBatch(readJson(bytesOf(given)), given.version ?? '2025-03-26', DEFAULT_JSON_BOUNDS);
  if (given.code !== undefined) expect(refusalOf(read)?.code).toBe(given.code);
  else expect(read().map(({ bytes }) => bytes.toString())).toEqual(given.members);
});
