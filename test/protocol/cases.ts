import { readFileSync } from 'node:fs';
import { ProtocolError, type ProtocolErrorCode } from '../../src/protocol/index.js';

/** The bytes of a case: as text, or as hex where JSON cannot hold them. */
export interface Given {
  readonly name: string;
  readonly text?: string;
  readonly hex?: string;
}

export function readCases<Case extends Given>(file: string): Case[] {
  return JSON.parse(readFileSync(new URL(`../cases/protocol/${file}`, import.meta.url), 'utf8')) as Case[];
}

export function bytesOf({ text, hex }: Given): Buffer {
  return text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text);
}

/** What a refusal consists of; anything but a ProtocolError fails the test. */
export function refusalOf(
  act: () => unknown,
): { code: ProtocolErrorCode; offset: number | undefined } | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
    return { code: thrown.code, offset: thrown.offset };
  }
}

/**
 * How many times as long a task takes at 16 times the size: about 16 where it is linear, 256 where it is quadratic.
 * The best of several runs counts, since other work on the machine can only add.
 */
export function growthOver16(task: (size: number) => () => unknown, size: number): number {
  return fastest(task(16 * size)) / fastest(task(size));
}

/** Well above 16 and far below 256. */
export const LINEAR = 80;

function fastest(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = process.hrtime.bigint();
    run();
    return Number(process.hrtime.bigint() - start);
  });
  return Math.min(...times);
}
