import { readFileSync } from 'node:fs';
import { type AuditRecord, describeThrown, shapeCheck } from '../domain/index.js';
import { AuditError } from './errors.js';

/** Far longer than any record that a gateway writes. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../schemas/audit-event.schema.json', import.meta.url), 'utf8'),
);
const { $id: _, ...ANONYMOUS } = SCHEMA;
const isRecord = shapeCheck<AuditRecord>(ANONYMOUS);

/**
 * The records of an export: one JSON document a line, as `regate audit tail --json` prints them. No more than a line
 * is held at a time.
 *
 * @throws AuditError `export_invalid` that names the line
 */
export async function* recordsIn(export_: AsyncIterable<Buffer>): AsyncGenerator<AuditRecord, void> {
  let number = 0;
  for await (const line of linesOf(export_)) {
    number += 1;
    if (line.trim() !== '') yield parse(line, number);
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  let begun: Buffer[] = [];
  let bytes = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString('utf8');
      begun = [];
      bytes = 0;
      number += 1;
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > LONGEST_LINE_BYTES) throw invalid(number, `is longer than ${LONGEST_LINE_BYTES} bytes`);
  }
  if (bytes > 0) yield Buffer.concat(begun).toString('utf8');
}

function parse(line: string, number: number): AuditRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    throw invalid(number, `is no JSON: ${describeThrown(thrown)}`, thrown);
  }
  if (isRecord(value)) return value;
  throw invalid(number, 'is no record of this version of the audit');
}

function invalid(line: number, why: string, cause?: unknown): AuditError {
  return new AuditError(
    'export_invalid',
    `line ${line} of the export ${why}`,
    'Export it with `regate audit tail --json`, one record a line, from a gateway of this version or an older one.',
    cause,
  );
}
