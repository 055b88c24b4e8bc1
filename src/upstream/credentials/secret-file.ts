import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemErrorCode } from '../../domain/index.js';

/** As much as Node takes of all headers together by default. */
const MOST_BYTES = 16_384;
/** A file that was written less than this ago may be written again without its times showing it. */
const SETTLED_MILLISECONDS = 2_000;
/** Visible ASCII with spaces inside; no line end can split a header. */
const ONE_LINE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** What a file held, and how to know it again. */
export interface FileReading {
  readonly text: string;
  /** Which file it was, and in which state; undefined where it was written so recently that this says nothing. */
  readonly state: string | undefined;
}

/**
 * Reads a file that holds one line: white space at its end is dropped.
 *
 * @throws Error that names the file and never its contents
 */
export async function readLine(path: string): Promise<FileReading> {
  const { text, state } = await readSecret(path);
  const line = text.trimEnd();
  if (line === '') throw new Error(`${path} is empty`);
  if (!ONE_LINE.test(line)) throw new Error(`${path} holds more than one line of printable ASCII`);
  return { text: line, state };
}

/**
 * Reads a small file.
 *
 * @throws Error that names the file and never its contents
 */
export async function readSecret(path: string): Promise<FileReading> {
  const file = await openRegular(path);
  try {
    const state = stateOf(await file.stat({ bigint: true }));
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, 0);
    if (bytesRead > MOST_BYTES) throw new Error(`${path} is larger than ${MOST_BYTES} bytes`);
    return { text: buffer.toString('utf8', 0, bytesRead), state };
  } finally {
    await file.close();
  }
}

/**
 * The state of the file that a path leads to now, to be compared with that of a reading. A link that leads to another
 * file, and a file that took the place of another, are other files.
 *
 * @throws Error that names the file
 */
export async function stateAt(path: string): Promise<string | undefined> {
  return stateOf(await stat(path, { bigint: true }).catch((thrown) => unreadable(path, thrown)));
}

interface FileState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly mtimeMs: bigint;
  readonly ctimeMs: bigint;
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs }: FileState): string | undefined {
  const written = Math.max(Number(mtimeMs), Number(ctimeMs));
  if (Date.now() - written < SETTLED_MILLISECONDS) return undefined;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Opens what is a file: a pipe without a writer is not waited for. */
async function openRegular(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((thrown) => unreadable(path, thrown));
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error(`${path} is no file`);
}

function unreadable(path: string, thrown: unknown): never {
  throw new Error(`${path} cannot be read: ${systemErrorCode(thrown) ?? 'for no known reason'}`);
}
