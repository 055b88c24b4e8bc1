import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { loadPolicy } from '@open-policy-agent/opa-wasm';
import { extract } from 'tar-stream';
import { locateOpa, runOpa } from '../../src/bundles/index.js';

/** Enough for every case; the SDK's own default grows page by page. */
const MEMORY = { initial: 256, maximum: 4096 };

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Built-ins on time, which the SDK lacks and the gateway has; here from another source than the gateway's. */
const CLOCKS = {
  'time.parse_rfc3339_ns': (text: string) => Date.parse(text) * 1e6,
  'time.clock': (at: [number, string]) => wall(at)?.slice(1),
  'time.weekday': (at: [number, string]) => DAYS[wall(at)?.[0] ?? Number.NaN],
};

/** Weekday, hour, minute and second of an instant in a time zone; undefined where there is no such zone. */
function wall([nanoseconds, timeZone]: [number, string]): number[] | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      dateStyle: 'full',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    const parts = new Map(format.formatToParts(nanoseconds / 1e6).map(({ type, value }) => [type, value]));
    return [
      DAYS.indexOf(parts.get('weekday') ?? ''),
      ...['hour', 'minute', 'second'].map((part) => Number(parts.get(part as 'hour'))),
    ];
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Asks an entrypoint, such as `regate/main/decision`, with some settings of its own; undefined where it has no answer. */
export type Ask = (input: unknown, entrypoint: string, settings?: object) => unknown;

/** Runs the pinned OPA and gives its standard output; any status but 0 fails with what it said. */
export async function opa(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runOpa(await locateOpa(), args);
  if (status !== 0) throw new Error(`opa ${args[0] ?? ''}: ${stdout}${stderr}`);
  return stdout;
}

/** Compiles Rego to WebAssembly and loads it, with its data, into the plain SDK. */
export async function compile(
  sources: readonly string[],
  entrypoints: readonly string[],
  ...options: readonly string[]
): Promise<Ask> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-rego-'));
  try {
    const archive = join(folder, 'bundle.tar.gz');
    const entries = entrypoints.map((entrypoint) => `--entrypoint=${entrypoint}`);
    await opa(
      'build',
      '--target=wasm',
      '--optimize=0',
      `--output=${archive}`,
      ...entries,
      ...options,
      ...sources,
    );
    const files = await unpack(await readFile(archive));
    const policy = await loadPolicy(file(files, '/policy.wasm'), MEMORY, CLOCKS);
    const data = JSON.parse(file(files, '/data.json').toString('utf8')) as { settings?: object };
    policy.setData(data);
    return (input, entrypoint, settings) => {
      if (settings !== undefined) policy.setData({ ...data, settings: { ...data.settings, ...settings } });
      const [answer] = policy.evaluate(input, entrypoint) as [{ result: unknown }?];
      if (settings !== undefined) policy.setData(data);
      return answer?.result;
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(archive: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = Readable.from([archive]).pipe(createGunzip()).pipe(extract());
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

function file(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const content = files.get(name);
  if (content === undefined) throw new Error(`the bundle has no ${name}`);
  return content;
}
