import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurns, systemErrorCode } from '../../domain/index.js';
import { writeFileDurably } from '../durable-file.js';
import { tooBig } from './error.js';

/** The decisions that OPAs have sent, in files of lines. */
export interface DecisionLog {
  /**
   * Appends lines; once this returns they are on disk. Where it fails, some may be kept all the same: who sends them
   * again may find them twice.
   *
   * @throws ReportError `report_too_big` for more than is kept at all
   */
  append(lines: readonly string[]): Promise<void>;
}

/** Where decision logs are kept, and how much of them. */
export interface DecisionLogOptions {
  /** Of this log alone; made with the first line, for its owner only. */
  readonly directory: string;
  readonly mostBytes: number;
}

const FILE_NAME = /^[\dT.Z-]{24}-[0-9a-f]{8}\.jsonl$/;
const KIBIBYTE = 1024;
const FILE_BYTES = { least: 64 * KIBIBYTE, most: 64 * KIBIBYTE * KIBIBYTE, share: 1 / 16 } as const;

/**
 * Opens a decision log. Its files are named for when they were begun; where one would grow too large the next one is
 * begun, and the oldest are removed so that all together stay within bounds. No file is continued after a restart or a
 * failure: in one that ends without a line's end, what stands after the last one is not a line.
 */
export function openDecisionLog({ directory, mostBytes }: DecisionLogOptions): DecisionLog {
  const share = Math.max(FILE_BYTES.least, Math.floor(mostBytes * FILE_BYTES.share));
  const fileBytes = Math.min(FILE_BYTES.most, share);
  let current: { readonly path: string; bytes: number } | undefined;
  const inTurn = inTurns();

  async function begin(bytes: number): Promise<{ path: string; bytes: number }> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await removeOldest(directory, mostBytes - Math.max(bytes, fileBytes));
    const begun = new Date().toISOString().replaceAll(':', '-');
    const path = join(directory, `${begun}-${randomUUID().slice(0, 8)}.jsonl`);
    await writeFileDurably(path, '');
    return { path, bytes: 0 };
  }

  async function append(lines: Buffer): Promise<void> {
    const known = current;
    const fits = known !== undefined && known.bytes + lines.length <= fileBytes;
    // Until it is written, it is not known what the file ends with.
    current = undefined;
    const file = fits ? known : await begin(lines.length);
    await appendDurably(file.path, lines);
    current = { path: file.path, bytes: file.bytes + lines.length };
  }

  return {
    async append(lines) {
      if (lines.length === 0) return;
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      if (bytes.length > mostBytes) throw tooBig(`the ${mostBytes} bytes of decision logs that are kept`);
      await inTurn(() => append(bytes));
    },
  };
}

async function appendDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Removes the oldest files until no more than so many bytes are left. */
async function removeOldest(directory: string, bytes: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => FILE_NAME.test(name)).sort();
  const files = await Promise.all(names.map(async (name) => fileOf(join(directory, name))));
  let left = files.reduce((total, file) => total + file.bytes, 0);
  for (const file of files) {
    if (left <= bytes) return;
    await rm(file.path, { force: true });
    left -= file.bytes;
  }
}

async function fileOf(path: string): Promise<{ path: string; bytes: number }> {
  try {
    return { path, bytes: (await stat(path)).size };
  } catch (thrown) {
    // Another server that shares the folder has removed it.
    if (systemErrorCode(thrown) === 'ENOENT') return { path, bytes: 0 };
    throw thrown;
  }
}
