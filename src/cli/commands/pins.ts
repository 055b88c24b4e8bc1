import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { describeThrown, type Pins, systemErrorCode, type UpstreamPins } from '../../domain/index.js';
import { learnedPins, pinsIn, type ToolStanding, toolStandings } from '../../gateway/index.js';
import { openStore, type Store } from '../../store/index.js';
import { EXIT, UsageError } from '../exit.js';
import { note, print, printJson, table, visible } from '../print.js';

interface Options {
  readonly config: string;
  readonly file: string;
  readonly upstream?: readonly string[];
  readonly json?: boolean;
}

const SETTINGS = 'rego/settings/pins/data.json';
/** Of a file that is not there yet. */
const NOTHING_PINNED: Pins = { unpinned: 'allow', changed: 'allow', suspicious: 'allow', upstreams: {} };

/** `regate pins` */
export function addPins(program: Command): void {
  const pins = program.command('pins').description('which tools of upstreams somebody looked at');
  options(pins.command('list'), 'list')
    .description('show how all tools that the gateway saw stand to their pins')
    .option('--json', 'print JSON')
    .action(async (given: Options) => {
      const standings = await withLearned(given, (learned) => standingsIn(given, learned));
      if (given.json) printJson(standings);
      else if (standings.length === 0) print('No tools were listed yet.');
      else print(table(['UPSTREAM', 'TOOL', 'STATE', 'SUSPICIONS'], standings.map(row)));
    });
  options(pins.command('diff'), 'diff')
    .description(
      'show what changed in tools since they were pinned; exits with 1 where any is not as it is pinned',
    )
    .action(async (given: Options) => {
      const standings = await withLearned(given, (learned) => standingsIn(given, learned));
      const others = standings.filter(({ state }) => state !== 'pinned');
      for (const standing of others) printDifference(standing);
      process.exitCode = others.length === 0 ? EXIT.OK : EXIT.FAILED;
    });
  options(pins.command('write'), 'write')
    .description('pin all tools, and what servers say of themselves, as the gateway saw them last')
    .action(write);
}

function options(command: Command, name: string): Command {
  return command
    .requiredOption('--config <file>', 'the configuration of the gateway that saw them', 'regate.yaml')
    .requiredOption('--file <file>', 'the settings of the pins policy', SETTINGS)
    .option('--upstream <names...>', 'only of these upstreams')
    .addHelpText('after', `\nExample:\n  $ regate pins ${name} --config regate.yaml --file ${SETTINGS}`);
}

async function write(given: Options): Promise<void> {
  const before = (await readPins(given.file)) ?? NOTHING_PINNED;
  const learned = await withLearned(given, async ({ store, upstreams }) => {
    const all = upstreams.map(async (name) => [name, await learnedPins(store.tools, name)] as const);
    return (await Promise.all(all)).filter(
      ([, { tools, server }]) => server || Object.keys(tools).length > 0,
    );
  });
  const put = learned.map(([name, pins]) => [name, joined(before.upstreams[name], pins)] as const);
  const after = { ...before, upstreams: { ...before.upstreams, ...Object.fromEntries(put) } };
  const partial = `${given.file}.partial`;
  await writeFile(partial, `${JSON.stringify(after, null, 2)}\n`).catch((cause: unknown) => {
    throw unreadable(given.file, 'be written', cause);
  });
  await rename(partial, given.file);
  for (const [name, { tools }] of learned) note(`${name}: ${Object.keys(tools).length} tools pinned`);
  note(`Read ${given.file} as a change of policy before it is published.`);
}

/** What is pinned stays so, although this gateway may not have seen it. */
function joined(before: UpstreamPins | undefined, learned: UpstreamPins): UpstreamPins {
  return { ...before, ...learned, tools: { ...before?.tools, ...learned.tools } };
}

interface Learned {
  readonly store: Store;
  readonly upstreams: readonly string[];
}

/** Runs with the store of a gateway and the upstreams that are asked for. */
async function withLearned<Value>(
  { config, upstream: asked }: Options,
  work: (learned: Learned) => Promise<Value>,
): Promise<Value> {
  const { stateDirectory, gateway } = await loadConfig(config, process.env);
  const names = (gateway?.upstreams ?? []).map(({ name }) => name);
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError('usage', `there is no upstream ${unknown}`, `It is one of ${names.join(', ')}.`);
  const store = await openStore(join(stateDirectory, 'regate.db'));
  try {
    return await work({ store, upstreams: asked ?? names });
  } finally {
    await store.close();
  }
}

async function standingsIn(
  { file }: Options,
  { store, upstreams }: Learned,
): Promise<readonly ToolStanding[]> {
  return toolStandings(store.tools, (await readPins(file)) ?? NOTHING_PINNED, upstreams);
}

/** @returns undefined where there is no such file */
async function readPins(file: string): Promise<Pins | undefined> {
  try {
    return pinsIn(await readFile(file));
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw unreadable(file, 'be read', cause);
  }
}

function unreadable(file: string, what: string, cause: unknown): UsageError {
  return new UsageError(
    'unreadable_file',
    `${file} cannot ${what}: ${describeThrown(cause)}`,
    'Name the settings of the pins policy with --file.',
    cause,
  );
}

function row({ upstream, tool, state, suspicions }: ToolStanding): string[] {
  return [upstream, tool, state, suspicions.join(', ')];
}

function printDifference({ upstream, tool, state, difference = '' }: ToolStanding): void {
  print(`${upstream}/${visible(tool)}: ${state}`);
  for (const line of difference === '' ? [] : difference.split('\n')) print(`  ${visible(line)}`);
}
