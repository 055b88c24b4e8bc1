import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { keyFolder } from '../configuration.js';
import { PROJECT } from '../state.js';
import { expect, TourError } from './expect.js';
import type { Sight, Step } from './step.js';
import type { Outcome, Visit } from './visit.js';

/** A changed rule must be in force this long after it was published. */
const IN_FORCE_WITHIN_MILLISECONDS = 2_000;

export const publishStep: Step = {
  title: 'A changed rule is built, tested, signed and published; the running gateway decides by it',
  async walk(visit) {
    const before = await visit.mustPass('support-agent', 'everything', 'echo', { message: 'before' });
    const long = visit.call('support-agent', 'everything', 'trigger-long-running-operation', {
      duration: 3,
      steps: 3,
    });
    const folder = await mkdtemp(join(tmpdir(), 'regate-tour-'));
    try {
      for (const part of ['rego', 'bundles', 'schemas'])
        await cp(join(PROJECT, part), join(folder, part), { recursive: true });
      await withoutEcho(folder);
      const built = await build(visit, folder);
      const published = await publish(visit, built);
      const { denied, milliseconds, dropped } = await untilDenied(visit);
      const finished = await long;
      expect(dropped === 0, `${dropped} calls were dropped while the policy changed`);
      expect(finished.kind === 'result', 'the call in flight did not survive the change of policy');
      expect(
        milliseconds < IN_FORCE_WITHIN_MILLISECONDS,
        `the new rule was in force only after ${milliseconds} ms`,
      );
      return [
        { asked: 'everything: echo as support-agent', answered: JSON.stringify(before.content) },
        {
          asked: 'regate build, with echo taken from the settings of policies.roles; regate publish',
          answered: published,
        },
        {
          asked: 'everything: echo as support-agent, again and again',
          answered: `after ${milliseconds} ms ${denied.code}: ${denied.message}`,
        },
        { asked: 'the call that ran meanwhile', answered: 'finished under the revision that admitted it' },
        await rolledBack(visit, folder),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export const tamperedStep: Step = {
  title: 'A bundle with one byte changed',
  async walk(visit) {
    const archive = await readFile(join(visit.demo.state_directory, 'starter.tar.gz'));
    const changed = oneByteChanged(archive);
    const folder = await mkdtemp(join(tmpdir(), 'regate-tour-'));
    try {
      const file = join(folder, 'changed.tar.gz');
      await writeFile(file, changed);
      const refused = await visit.regate('publish', file, ...target(visit));
      expect(refused.status === 1, `the bundle server should have refused it: ${refused.stdout}`);
      const behindItsBack = await plant(visit, changed);
      await visit.mustPass('support-agent', 'everything', 'echo', {
        message: 'still by the last good bundle',
      });
      return [
        {
          asked: 'regate publish, with one byte changed: a limit of 500 became 900',
          answered: refused.stderr.trim().replaceAll('\n', ' '),
        },
        {
          asked: "the same, put into the bundle server's store behind its back",
          answered: `the gateway refused it: ${behindItsBack}`,
        },
        { asked: 'everything: echo', answered: 'passed: the last good bundle is in force' },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function withoutEcho(folder: string): Promise<void> {
  const file = join(folder, 'rego/settings/roles/data.json');
  const settings = await readFile(file, 'utf8');
  const changed = settings.replace(/"echo",\s*/, '');
  expect(changed !== settings, 'the starter settings grant echo to nobody');
  await writeFile(file, changed);
}

async function build(visit: Visit, root: string): Promise<string> {
  const out = join(root, 'starter.tar.gz');
  const signing = await signingOptions(visit);
  const built = await visit.regate('build', 'starter', '--root', root, ...signing, '--out', out);
  if (built.status !== 0) throw new TourError(`regate build failed: ${built.stderr}`);
  return out;
}

async function signingOptions(visit: Visit): Promise<string[]> {
  const keys = keyFolder(visit.demo.state_directory);
  const { id } = JSON.parse(await readFile(join(keys, 'bundle.json'), 'utf8')) as { id: string };
  return ['--key', join(keys, 'bundle.pem'), '--key-id', id];
}

async function publish(visit: Visit, file: string): Promise<string> {
  const published = await visit.regate('publish', file, ...target(visit));
  if (published.status !== 0) throw new TourError(`regate publish failed: ${published.stderr}`);
  return published.stdout.trim();
}

function target(visit: Visit): string[] {
  return [
    '--url',
    `${visit.demo.bundle_server}/bundles/starter`,
    '--credentials',
    visit.demo.credentials['platform-oncall'],
  ];
}

async function untilDenied(visit: Visit) {
  const start = Date.now();
  let dropped = 0;
  for (;;) {
    const outcome: Outcome = await visit.call('support-agent', 'everything', 'echo', { message: 'during' });
    const milliseconds = Date.now() - start;
    if (outcome.kind === 'error' && outcome.code === -31001)
      return { denied: outcome, milliseconds, dropped };
    if (outcome.kind === 'error') dropped += 1;
    expect(milliseconds < 30_000, 'the new rule never came into force');
  }
}

/** Publishing the bundle before would be refused: nobody goes back to an older one unless somebody signs it. */
async function rolledBack(visit: Visit, folder: string): Promise<Sight> {
  const older = join(visit.demo.state_directory, 'starter.tar.gz');
  const refused = await visit.regate('publish', older, ...target(visit));
  expect(refused.status === 1, `the bundle server should have refused an older bundle: ${refused.stdout}`);
  const out = join(folder, 'rollback.tar.gz');
  const signing = await signingOptions(visit);
  const signed = await visit.regate('rollback', '--bundle', older, ...signing, '--out', out);
  if (signed.status !== 0) throw new TourError(`regate rollback failed: ${signed.stderr}`);
  const published = await publish(visit, out);
  const start = Date.now();
  while ((await visit.call('support-agent', 'everything', 'echo', { message: 'after' })).kind === 'error') {
    expect(Date.now() - start < 30_000, 'the old rule never came back');
  }
  return {
    asked: 'regate rollback to the bundle before; regate publish',
    answered: `${published}; echo passes again`,
  };
}

/** A refund's limit of 500 becomes 900, in an archive that is whole otherwise: only the signature can tell. */
function oneByteChanged(archive: Buffer): Buffer {
  const files = gunzipSync(archive);
  const limit = '"approval_over":500';
  const at = files.indexOf(limit);
  expect(at >= 0, 'the starter bundle has no limit of 500');
  files.write('9', at + limit.indexOf('5'));
  return gzipSync(files);
}

/** Makes the bundle server serve what it would never have taken, as someone with access to its disk could. */
async function plant(visit: Visit, changed: Buffer): Promise<string> {
  const store = join(visit.demo.state_directory, 'state', 'bundle-server');
  const digest = createHash('sha256').update(changed).digest('hex');
  const channel = join(store, 'bundles', 'starter', 'channels', 'stable');
  const pointer = join(channel, (await readdir(channel)).sort().at(-1) ?? '');
  const honest = await readFile(pointer, 'utf8');
  const before = await lastRefusal(visit);
  await writeFile(join(store, 'blobs', `sha256-${digest}.tar.gz`), changed);
  await writeFile(pointer, honest.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${digest}`));
  try {
    return await untilRefused(visit, before?.sequence);
  } finally {
    await writeFile(pointer, honest);
  }
}

async function untilRefused(visit: Visit, known: number | undefined): Promise<string> {
  for (let start = Date.now(); Date.now() - start < 30_000; await pause(100)) {
    const refusal = await lastRefusal(visit);
    if (refusal !== undefined && refusal.sequence !== known) return `${refusal.event.code}`;
  }
  throw new TourError('the gateway did not refuse the changed bundle');
}

async function lastRefusal(visit: Visit) {
  const { stdout } = await visit.regate(
    'audit',
    'tail',
    '--config',
    visit.demo.configuration,
    '--lines',
    '200',
    '--json',
  );
  const records = stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { sequence: number; event: { type: string; outcome?: string; code?: string } },
    );
  return records.findLast(({ event }) => event.type === 'activation' && event.outcome === 'refused');
}
